/** Where a request goes, and where the hosted cashier is found. */
import { ValidationError } from "../errors.js";
import type { BuiltRequest, JsonObject, OperationName } from "../types.js";
import { encode, TOKEN } from "./address.js";
import { OPERATIONS } from "./operations.js";
import type { Settings } from "./options.js";
import type { Wire } from "./requests.js";
import { ID, splitRoute } from "./routes.js";

/** Longer than any server takes. */
const MAX_URL = 65_534;
const JSON_TYPE = "application/json";

/** The HTTP request of an operation. @throws ValidationError when no URL comes out of it */
export function requestOf(settings: Settings, operation: OperationName, wire: Wire): BuiltRequest {
  const { apiKey, baseUrl, routes, userAgent } = settings;
  const { id, query, body } = wire;
  const [method, path] = splitRoute(operation, routes[operation]);
  let url = baseUrl + (id === undefined ? path : path.replace(ID, () => encode(id)));
  for (const [name, value] of query) url += `${url.includes("?") ? "&" : "?"}${name}=${encode(value)}`;
  if (url.length > MAX_URL) {
    const message = "the base URL, the route and the id do not make a URL";
    throw new ValidationError([{ path: "", code: "format", message }]);
  }
  const headers = {
    "x-api-key": apiKey,
    accept: JSON_TYPE,
    "user-agent": userAgent,
    ...(body !== null && { "content-type": JSON_TYPE }),
  };
  return { method, url, headers, body };
}

/** A reply with the hosted cashier's address beside its token. */
export function withAddress(
  { cashierUrl }: Settings,
  operation: OperationName,
  reply: JsonObject,
): JsonObject {
  const { token } = reply;
  if (cashierUrl === undefined || !OPERATIONS[operation].hosted || typeof token !== "string") return reply;
  return { ...reply, cashier_url: cashierUrl.replace(TOKEN, () => encode(token)) };
}
