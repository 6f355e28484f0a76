/** Where each operation is found below the base URL. The defaults are placeholders for what the merchant portal shows. */
import type { OperationName } from "../types.js";
import { format, type Wrong } from "./report.js";

/** Where the id goes in the route of `transaction_status`. */
export const ID = "{id}";

/** The method and the placeholder path of an operation. */
export const ROUTES: Readonly<Record<OperationName, string>> = {
  hosted_deposit: "POST /cashier/deposit",
  hosted_withdrawal: "POST /cashier/withdrawal",
  direct_payment: "POST /payments/direct",
  card_payment: "POST /payments/card",
  reject_payout: "POST /payouts/reject",
  approve_payout: "POST /payouts/approve",
  transaction_status: `GET /transactions/${ID}`,
  list_transactions: "GET /transactions",
};

/** A method and a path. */
export function splitRoute(operation: OperationName, route: string): [method: string, path: string] {
  const at = route.indexOf(" ");
  return at < 0
    ? [splitRoute(operation, ROUTES[operation])[0], route]
    : [route.slice(0, at), route.slice(at + 1)];
}

/** What is wrong with the route of an operation. */
export function checkRoute(operation: OperationName, route: string): Wrong | undefined {
  const [method, path] = splitRoute(operation, route);
  if (!/^(?:GET|POST|PUT|PATCH|DELETE)$/.test(method))
    return format("the method must be GET, POST, PUT, PATCH or DELETE");
  if (!/^\/(?!\/)[!$-;=?-[\]_a-z{}~]*$/i.test(path)) {
    return format(
      "a route is a path that begins with one `/`, for example /cashier/deposit; the host belongs to the base URL",
    );
  }
  const takesId = operation === "transaction_status";
  const withoutId = takesId ? path.replace(ID, "") : path;
  if (/[{}]/.test(withoutId) || (takesId && withoutId === path)) {
    return format(
      takesId ? "needs `{id}` once, where the transaction's id goes" : "has braces; this route takes no id",
    );
  }
  return undefined;
}
