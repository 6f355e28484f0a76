/** How to reach the gateway: the options of a `Gateway`, checked, and what of them goes into each request. */
import { ValidationError } from "../errors.js";
import type { GatewayOptions, Routes } from "../gateway.js";
import { copy } from "../json.js";
import { plain } from "../plain.js";
import { runtime } from "../runtime.js";
import type { Fetch } from "../transport.js";
import type { BuiltRequest, JsonObject, OperationName } from "../types.js";
import { version } from "../version.js";
import { checkBaseUrl, checkCashierUrl, encode, TOKEN } from "./address.js";
import { checkApiKey, checkHeader, NO_API_KEY } from "./checks.js";
import { Report } from "./report.js";
import { OPERATIONS, type Wire } from "./requests.js";
import { checkRoute, ID, ROUTES, splitRoute } from "./routes.js";
import { check, field, object, text, type Shape } from "./shape.js";

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RETRIES = 2;
/** `setTimeout` takes no more. */
const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_RETRIES = 10;
/** Longer than any server takes. */
const MAX_URL = 65_534;

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

const SHAPE: Shape = {
  fields: [
    field("apiKey", text(checkApiKey), NO_API_KEY),
    field(
      "baseUrl",
      text(checkBaseUrl),
      "give the gateway's address from the merchant portal, for example https://gateway.example/api",
    ),
    field("cashierUrl", text(checkCashierUrl)),
    field("userAgent", text(checkHeader)),
    field(
      "routes",
      object({
        fields: OPERATIONS.map((operation) =>
          field(
            operation,
            text((route) => checkRoute(operation, route)),
          ),
        ),
      }),
    ),
  ],
};

const OPTION_NAMES: readonly string[] = [
  "apiKey",
  "baseUrl",
  "cashierUrl",
  "routes",
  "timeoutMs",
  "maxRetries",
  "userAgent",
  "fetch",
];

/** Everything that is wrong with the options, in one error. */
export function readOptions(given: GatewayOptions): Settings {
  const options = plain<Record<string, unknown>>(given, "options");
  const report = new Report();
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name))
      report.add(name, "unknown_option", `is no option; the options are ${OPTION_NAMES.join(", ")}`);
  }
  const string = (name: string): string | undefined => {
    const value = options[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    report.add(name, "type", `must be text, not ${Array.isArray(value) ? "an array" : typeof value}`);
    return undefined;
  };
  const integer = (name: string, otherwise: number, least: number, most: number): number => {
    const value = options[name] ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    report.add(name, "range", `must be a whole number from ${least} to ${most}`);
    return otherwise;
  };
  const timeoutMs = integer("timeoutMs", DEFAULT_TIMEOUT_MS, 1, MAX_TIMEOUT_MS);
  const maxRetries = integer("maxRetries", DEFAULT_MAX_RETRIES, 0, MAX_RETRIES);
  const fetch = options["fetch"] ?? undefined;
  if (fetch !== undefined && typeof fetch !== "function")
    report.add("fetch", "type", "must be a function that is called like fetch");
  const product = string("userAgent");
  const texts = {
    apiKey: string("apiKey"),
    baseUrl: string("baseUrl"),
    cashierUrl: string("cashierUrl"),
    userAgent: userAgent(product),
  };
  const { data, violations, cause } = copy({ ...texts, routes: options["routes"] ?? undefined }, "");
  const known = new Set(report.violations.map(({ path }) => path));
  const found = new Report();
  check(SHAPE, data, "", found);
  const more = violations.length > 0 ? violations : found.violations;
  const all = [...report.violations, ...more.filter(({ path }) => !known.has(path))];
  if (all.length > 0) throw new ValidationError(all, cause === undefined ? undefined : { cause });
  const checked = data as unknown as Pick<Settings, "apiKey" | "baseUrl" | "userAgent"> & {
    readonly cashierUrl?: string;
    readonly routes?: Routes;
  };
  return {
    ...checked,
    baseUrl: checked.baseUrl.replace(/\/+$/, ""),
    cashierUrl: checked.cashierUrl,
    routes: checked.routes ?? {},
    timeoutMs,
    maxRetries,
    fetch: fetch as Fetch | undefined,
  };
}

/** `edge-cashier/0.1.0 (node/24.9.0) my-shop/1.4`. */
function userAgent(product: string | undefined): string {
  const where = runtime();
  return [`edge-cashier/${version}`, where && `(${where})`, product].filter(Boolean).join(" ");
}

/** The HTTP request of an operation. @throws ValidationError when no URL comes out of it */
export function requestOf(settings: Settings, operation: OperationName, wire: Wire): BuiltRequest {
  const { apiKey, baseUrl, routes, userAgent } = settings;
  const { id, query = [], body } = wire;
  const [method, path] = splitRoute(operation, routes[operation] ?? ROUTES[operation]);
  let url = baseUrl + (id === undefined ? path : path.replace(ID, () => encode(id)));
  for (const [name, value] of query) url += `${url.includes("?") ? "&" : "?"}${name}=${encode(value)}`;
  if (url.length > MAX_URL) {
    const message = "the base URL, the route and the id do not make a URL";
    throw new ValidationError([{ path: "", code: "format", message }]);
  }
  const headers = { "x-api-key": apiKey, accept: JSON_TYPE, "user-agent": userAgent };
  return body === undefined
    ? { method, url, headers, body: null }
    : { method, url, headers: { ...headers, "content-type": JSON_TYPE }, body };
}

const JSON_TYPE = "application/json";

/** A reply with the hosted cashier's address beside its token. */
export function withAddress(
  { cashierUrl }: Settings,
  operation: OperationName,
  reply: JsonObject,
): JsonObject {
  const { token } = reply;
  if (cashierUrl === undefined || !operation.startsWith("hosted_") || typeof token !== "string") return reply;
  return { ...reply, cashier_url: cashierUrl.replace(TOKEN, () => encode(token)) };
}
