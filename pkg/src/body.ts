/**
 * The two arguments of a verification: a body that nobody has parsed, and the signature's header. What frameworks hand over instead is
 * refused with the line of code that gets the right thing.
 */
import { ValidationError } from "./errors.js";

const HEADER = "x-signature";

/** Returns the body as text or bytes. */
export function readBody(body: unknown): string | Uint8Array {
  const given = typeof body === "string" ? body : asBytes(body);
  if (given === undefined) throw wrongBody(body);
  return given;
}

function asBytes(body: unknown): Uint8Array | undefined {
  // Not `instanceof`: buffers of another realm (Next's edge sandbox, jest) count too, and a proxy cannot interfere.
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  try {
    const tag = Object.prototype.toString.call(body);
    return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]"
      ? new Uint8Array(body as ArrayBuffer).slice()
      : undefined;
  } catch {
    return undefined;
  }
}

/** How to get the raw body where people look for it. */
const RAW_BODY = [
  'Express: app.post("/webhooks", express.raw({ type: "*/*" }), (req, res) => webhook.verify(req.body, req.headers)) before any express.json()',
  'Fastify: fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (_req, body, done) => done(null, body))',
  "Next.js route handler, Hono (c.req.raw), Remix, SvelteKit, Deno, Bun, Workers: await request.text()",
  "Next.js pages/api: export const config = { api: { bodyParser: false } }, then read the request's chunks",
  "NestJS: NestFactory.create(AppModule, { rawBody: true }), then req.rawBody",
  'Koa: await rawBody(ctx.req) by the package raw-body; AWS Lambda: event.body (Buffer.from(event.body, "base64") if event.isBase64Encoded)',
].join("\n  ");

function wrongBody(body: unknown): ValidationError {
  let what: readonly [code: string, found: string, remedy: string];
  try {
    what = whatIsIt(body);
  } catch {
    what = ["type", "an object that cannot be read", `Get the raw body:\n  ${RAW_BODY}`];
  }
  const [code, found, remedy] = what;
  return new ValidationError([
    {
      path: "body",
      code,
      message: `must be the raw request body (a string, Uint8Array or ArrayBuffer), not ${found}. ${remedy}`,
    },
  ]);
}

function whatIsIt(body: unknown): [code: string, found: string, remedy: string] {
  if (body === undefined || body === null) {
    return [
      "required",
      String(body),
      `Was it read before, or is no raw-body parser installed?\n  ${RAW_BODY}`,
    ];
  }
  if (typeof body !== "object") return ["type", `a ${typeof body}`, `Get the raw body:\n  ${RAW_BODY}`];
  const has = (name: string): boolean => {
    try {
      return typeof (body as Record<string, unknown>)[name] === "function";
    } catch {
      return false;
    }
  };
  if (has("then"))
    return ["type", "a promise", "Await it first: webhook.verify(await request.text(), request.headers)."];
  if (has("text") && has("arrayBuffer"))
    return [
      "type",
      "a Request, Response or Blob",
      "Read it: webhook.verify(await request.text(), request.headers).",
    ];
  if (has("getReader"))
    return ["type", "a ReadableStream", "Read it: await new Response(stream).arrayBuffer()."];
  if (has("pipe") || has("on")) {
    return [
      "type",
      "a Node stream or request",
      "Collect its chunks first: const chunks = []; for await (const chunk of req) chunks.push(chunk); Buffer.concat(chunks).",
    ];
  }
  if (isBufferJson(body))
    return ["parsed_body", "the JSON form of a Buffer", "Restore it: Buffer.from(body.data)."];
  return [
    "parsed_body",
    Array.isArray(body) ? "an array" : "a parsed object",
    `The signature covers the body's exact text, which parsing loses. Get the raw body:\n  ${RAW_BODY}`,
  ];
}

function isBufferJson(body: object): boolean {
  try {
    const { type, data } = body as { type?: unknown; data?: unknown };
    return type === "Buffer" && Array.isArray(data);
  } catch {
    return false;
  }
}

/** How to get the header where people look for it. */
const HEADERS = [
  "Express, Fastify, Node, Next.js pages/api: req.headers",
  "Next.js route handler, Remix, SvelteKit, Deno, Bun, Workers: request.headers; Next.js headers(): await it first",
  `Hono: c.req.header("${HEADER}"); Koa: ctx.headers; NestJS: @Headers("${HEADER}")`,
  "AWS Lambda: event.headers",
].join("\n  ");

/** Finds the signature's text, which is not checked here; "" when the request has none. */
export function readSignature(signature: unknown): string {
  if (typeof signature === "string") return signature;
  if (signature === undefined || signature === null) return "";
  let found: unknown;
  try {
    found = typeof signature === "object" ? headerOf(signature) : NOT_HEADERS;
    // A header that came twice: no reading of it is safe, and the joined text is no signature.
    if (Array.isArray(found)) found = found.length === 1 ? found[0] : found.join(", ");
  } catch (cause) {
    throw wrongSignature("an object that cannot be read", cause);
  }
  if (found === undefined || found === null) return "";
  if (found === NOT_HEADERS) throw wrongSignature(nameOf(signature));
  if (typeof found !== "string") throw wrongSignature(`headers whose ${HEADER} is a ${typeof found}`);
  return found;
}

/** A result that no header can have. */
const NOT_HEADERS = Symbol("no headers");

/** Finds the header in whatever has headers: the headers themselves in any form, or a request or a framework's context that holds them. */
function headerOf(given: object): unknown {
  if (isFunction(property(given, "then"))) return NOT_HEADERS;
  if (Array.isArray(given)) return isPairs(given) ? inEntries(given) : NOT_HEADERS;
  if (Object.hasOwn(given, HEADER)) return (given as Record<string, unknown>)[HEADER];
  // Hono's context and its request. Its own `get` is for variables, so this comes before it.
  for (const request of [property(given, "req"), given]) {
    const header = isObject(request) ? property(request, "header") : undefined;
    if (isFunction(header)) return header.call(request, HEADER);
  }
  // Headers, or the request in a context of SvelteKit, Remix, Astro or Pages.
  for (const name of ["headers", "multiValueHeaders", "request"]) {
    const holder = property(given, name);
    if (isObject(holder)) return headerOf(holder);
  }
  const get = property(given, "get");
  if (isFunction(get))
    return get.call(given, HEADER) ?? (given instanceof Map ? inEntries(given) : undefined);
  const entries = Object.entries(given);
  return isRecord(given) && entries.every(([, value]) => isHeaderValue(value))
    ? inEntries(entries)
    : (inEntries(entries) ?? NOT_HEADERS);
}

/** Reads a property, unless it comes from an `Object.prototype` that some other program has changed. */
function property(of: object, name: string): unknown {
  const found: unknown = Reflect.get(of, name);
  return found === Reflect.get(Object.prototype, name) ? undefined : found;
}

/** Finds the header by its name in any case. */
function inEntries(entries: Iterable<readonly [unknown, unknown]>): unknown {
  for (const [name, value] of entries)
    if (typeof name === "string" && name.toLowerCase() === HEADER) return value;
  return undefined;
}

function isPairs(list: readonly unknown[]): list is readonly (readonly [string, unknown])[] {
  return list.every((pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string");
}

/** Tells whether this is a plain object, and no instance of some class, which may keep its headers anywhere. */
function isRecord(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isHeaderValue(value: unknown): boolean {
  const isText = (text: unknown): boolean => text === undefined || typeof text === "string";
  return isText(value) || (Array.isArray(value) && value.every(isText));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isFunction(value: unknown): value is (this: unknown, ...given: unknown[]) => unknown {
  return typeof value === "function";
}

function nameOf(given: unknown): string {
  if (!isObject(given)) return `a ${typeof given}`;
  if (isFunction(property(given, "then"))) return "a promise; await it first";
  return Array.isArray(given) ? "an array that is no list of names and values" : "an object without headers";
}

function wrongSignature(found: string, cause?: unknown): ValidationError {
  const message = `must be the value of the header ${HEADER}, or the request's headers, not ${found}. Get them:\n  ${HEADERS}`;
  return new ValidationError([{ path: "signature", code: "type", message }], { cause });
}
