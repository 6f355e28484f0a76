/** How to reach the gateway: the options of a `Gateway`, checked. */
import type { Fetch, GatewayOptions, Routes } from "../gateway-types.js";
import { runtime } from "../runtime.js";
import { withoutEnd } from "../text.js";
import { version } from "../version.js";
import { checkBaseUrl, checkCashierUrl } from "./address.js";
import { checkApiKey, NO_API_KEY } from "./checks.js";
import { checked } from "./data.js";
import { checkHeader } from "./headers.js";
import { OPERATION_NAMES } from "./operations.js";
import { plain } from "./options-object.js";
import { checkRoute } from "./routes.js";
import { between, check, field, FUNCTION, object, shape, text } from "./shape.js";

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RETRIES = 2;
/** `setTimeout` takes no more. */
const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_RETRIES = 10;

/** Options that have been checked. */
export interface Settings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly cashierUrl: string | undefined;
  readonly userAgent: string;
  readonly routes: Routes;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch | undefined;
}

const ROUTES = shape(
  OPERATION_NAMES.map((operation) =>
    field(
      operation,
      text((route) => checkRoute(operation, route)),
    ),
  ),
);

const OPTIONS = shape([
  field("apiKey", text(checkApiKey), NO_API_KEY),
  field(
    "baseUrl",
    text(checkBaseUrl),
    "give the gateway's address from the merchant portal, for example https://gateway.example/api",
  ),
  field("cashierUrl", text(checkCashierUrl)),
  field("userAgent", text(checkHeader)),
  field("routes", object(ROUTES)),
  field("timeoutMs", between(1, MAX_TIMEOUT_MS)),
  field("maxRetries", between(0, MAX_RETRIES)),
  field("fetch", FUNCTION),
]);

/** @throws ValidationError with everything that is wrong with the options */
export function readOptions(given: GatewayOptions): Settings {
  const options = plain<{ fetch?: unknown }>(given, "options");
  const { fetch, ...rest } = options;
  // A function is no plain data. Whatever else was given in its place is refused with the rest.
  const data = checked(
    typeof fetch === "function" ? rest : options,
    () => "",
    (data, root, report) => check(OPTIONS, data, root, report),
  );
  const { apiKey, baseUrl, cashierUrl, userAgent, routes, timeoutMs, maxRetries } =
    data as unknown as GatewayOptions;
  return {
    apiKey,
    baseUrl: withoutEnd(baseUrl, "/"),
    cashierUrl: cashierUrl ?? undefined,
    userAgent: fullUserAgent(userAgent),
    // Without a prototype, from which a route could come that nobody gave.
    routes: routes ?? (Object.create(null) as Routes),
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxRetries: maxRetries ?? DEFAULT_MAX_RETRIES,
    fetch: typeof fetch === "function" ? (fetch as Fetch) : undefined,
  };
}

/** `edge-cashier/0.1.0 (node/24.9.0) my-shop/1.4`. */
function fullUserAgent(product: string | undefined): string {
  const where = runtime();
  return [`edge-cashier/${version}`, where && `(${where})`, product].filter(Boolean).join(" ");
}
