/** Where each operation is found below the base URL. */
import type { OperationName } from "../types.js";
import { OPERATIONS } from "./operations.js";
import { format, type Wrong } from "./report.js";

/** Where the id goes in the route of `transaction_status`. */
export const ID = "{id}";

/** The method and the path of an operation: by the merchant's route, `/path` or `METHOD /path`, or else by its own. */
export function splitRoute(
  operation: OperationName,
  route = OPERATIONS[operation].route,
): [method: string, path: string] {
  const at = route.indexOf(" ");
  return at < 0 ? [splitRoute(operation)[0], route] : [route.slice(0, at), route.slice(at + 1)];
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
