/**
 * The two arguments of a verification: a body that nobody has parsed, and the signature's header. What frameworks hand over instead is
 * refused with the line of code that gets the right thing.
 */
import { ValidationError, WebhookVerificationError } from "./errors.js";
import type { HeadersLike, WebhookBody } from "./webhook-types.js";

/** A longer body is no webhook of a payment. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

const HEADER = "x-signature";

/** The body as text or bytes. */
export function readBody(body: unknown): string | Uint8Array {
  if (typeof body === "string") {
    // A character of a JavaScript string takes at most three bytes of UTF-8.
    if (body.length > MAX_BODY_BYTES / 3) throw tooLarge();
    return body;
  }
  const bytes = asBytes(body);
  if (bytes === undefined) throw wrongBody(body);
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  return bytes;
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

/** For a body, or a canonical form of one, that is larger than any webhook. */
export function tooLarge(): WebhookVerificationError {
  return new WebhookVerificationError(
    "body_too_large",
    `the body has more than ${MAX_BODY_BYTES} bytes; no webhook is that large. Cap bodies before you read them.`,
  );
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

/** The signature's text, which is not looked at here; `undefined` when the request has none. */
export function readSignature(signature: unknown): string | undefined {
  if (typeof signature === "string") return signature;
  if (signature === undefined || signature === null) return undefined;
  if (typeof signature !== "object") throw wrongSignature(`a ${typeof signature}`);
  let found: unknown;
  try {
    found =
      typeof (signature as HeadersLike).get === "function"
        ? (signature as HeadersLike).get(HEADER)
        : fromRecord(signature);
    // A header that came twice: no reading of it is safe, and the joined text is no signature.
    if (Array.isArray(found)) found = found.length === 1 ? found[0] : found.join(", ");
  } catch (cause) {
    throw wrongSignature("an object that cannot be read", cause);
  }
  if (found === undefined || found === null) return undefined;
  if (typeof found !== "string") throw wrongSignature(`headers whose ${HEADER} is a ${typeof found}`);
  return found;
}

function fromRecord(headers: object): unknown {
  if (Array.isArray(headers)) throw new TypeError("an array");
  const record = headers as Record<string, unknown>;
  if (Object.hasOwn(record, HEADER)) return record[HEADER];
  const name = Object.keys(record).find((name) => name.toLowerCase() === HEADER);
  return name === undefined ? undefined : record[name];
}

function wrongSignature(found: string, cause?: unknown): ValidationError {
  const message = `must be the value of the header ${HEADER}, a Headers object, or Node's req.headers, not ${found}`;
  return new ValidationError([{ path: "signature", code: "type", message }], { cause });
}

/** The type that callers see; kept here so that it stands beside the check. */
export type { WebhookBody };
