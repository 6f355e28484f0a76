// Malformed requests, made by a seeded generator: the same seed gives the same bytes. Each has a defect for which the Worker must refuse it; everything else about it
// is random, often odd, and sometimes no HTTP at all. Sent over raw sockets, since every HTTP client would mend them.

import { once } from "node:events";
import { connect } from "node:net";
import { signature } from "../support/payments.mjs";
import { sawAnswer } from "../support/secrets.mjs";

/** A small seeded generator (mulberry32), with what the requests are made of. */
export function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (bound) => Math.floor(next() * bound);
  const pick = (list) => list[below(list.length)];
  return { next, below, pick, chance: (share) => next() < share };
}

/** Methods that workerd knows; it answers to others itself. */
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "PROPFIND", "TRACE"];

const SEGMENTS = [
  "",
  ".",
  "..",
  "%2e",
  "%2e%2e",
  "%2E%2E%2Fhealthz",
  "%2f",
  "%5c",
  "\\",
  "%00",
  "%0d%0aset-cookie:a=b",
  "%ff",
  "%c3%28",
  "%",
  "%zz",
  "{id}",
  "*",
  ";a=b",
  "~",
  "null",
  "0",
  "-1",
  "1e999",
  "'--",
  '"',
  "<script>",
  "\u00fc",
  "\u0001",
  "\t",
  "a b",
  "msg_",
  "msg_zz_1",
  "msg_2e2e_0",
  "a".repeat(255),
  "a".repeat(5000),
  "%e2%80%ae",
  "..;",
  "__proto__",
  "payment",
];

const QUERIES = [
  "",
  "?",
  "?wait=-1",
  "?%00=%00",
  "?a[]=1&a[b]=2",
  `?${"a".repeat(3e3)}`,
  "?a=\u00fc",
  "?wait=0#fragment",
  "??",
  "?token=x",
];

/** By parameter: what none of them takes. */
const WRONG_PARAMETERS = {
  wait: ["-1", "99999999999999999999", "abc", "%ff", "0&wait=1", "1.5", ""],
  version: ["1.5", "x", "1e3", "%00"],
  limit: ["-1", "0", "1.5", "all", "4294967296"],
  cursor: ["..", "x", "99999999999999999999", "%27"],
  state: ["%27", "delivered", "PARKED", ""],
  kind: ["parked", "%ff", "conflict,missed"],
  from: ["yesterday", "2024-01-01", "30-02-2024", "", "01-01-2024&to=01-01-2026", "1-1-2024"],
  to: ["%00", "32-01-2024", "01.01.2024", "01-01-2024&from=02-01-2024"],
};

const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=",
  "application/octet-stream",
  "application/xml",
  "",
  "\u00ff",
  "a/b/c",
  "application/json, text/html",
  "x".repeat(2e3),
];

const BODIES = [
  "",
  "{}",
  "[]",
  "null",
  "0",
  '""',
  "{",
  "}",
  '{"a":',
  "{}{}",
  "[".repeat(10_000),
  '{"a":'.repeat(5000),
  "\0",
  "\ufeff{}",
  "<a/>",
  "a=b&c=d",
  '{"__proto__":{}}',
  '{"amount":1e999}',
  '{"amount":"999999999999999999999999999999999.99"}',
  '{"a":1,"a":2}',
  '"\\ud800"',
  `{"a":"${"x".repeat(900)}"}`,
  "x".repeat(1024),
  "x".repeat(1025),
  "x".repeat(65536),
  "x".repeat(65537),
  "x".repeat(2e5),
].map((text) => Buffer.from(text));
BODIES.push(
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
  Buffer.from([0x1f, 0x8b, 0x08, 0x00]),
);

/** A webhook that is signed well and lacks a field, or has one of a wrong kind. */
function signedWebhook({ pick, chance }) {
  const event = {
    transaction_id: "tx-1",
    user_id: "128",
    tracking_id: "hostile",
    status: "pending",
    currency: "EUR",
    amount: "10.05",
    transaction_type: "deposit",
  };
  const field = pick(Object.keys(event));
  if (chance(0.2)) delete event[field];
  else event[field] = pick([null, true, [], {}, ...(WRONG_VALUES[field] ?? [])]);
  return { body: Buffer.from(JSON.stringify(event)), headers: [["x-signature", signature(event)]] };
}

/** By field: what is of the right kind and wrong all the same. Other texts are kept as the gateway writes them. */
const WRONG_VALUES = {
  transaction_id: [""],
  user_id: [""],
  tracking_id: [""],
  amount: ["", "1e5", "NaN", "\r\nx: y", "\u202e1", "x".repeat(5000), "0x10", "1,5", " 1", ".5", 1e300],
};

const WRONG_CREDENTIALS = [
  "",
  "Bearer",
  "Bearer ",
  "bearer\t",
  "Basic dTpw",
  "Bearer \u00ff\u00fe",
  `Bearer ${"a".repeat(6000)}`,
  "Bearer a.b.c",
  "Bearer ..",
  ", ,",
];

/** Headers that a client or a proxy has no business with, or has too many of. */
function soup({ pick, below, chance }, method) {
  const headers = [];
  for (let count = below(6); count > 0; count--)
    headers.push(
      pick([
        ["origin", pick(["null", "https://evil.example", "https://shop.example.com", "\u00ff", "*", ""])],
        ["access-control-request-method", pick(["POST", "*", "\u00ff"])],
        ["access-control-request-headers", pick(["authorization", "*", "x".repeat(3000)])],
        ["x-request-id", pick(["chosen", "\u00ff", "a".repeat(3000)])],
        ["cookie", "a=b; ".repeat(below(200))],
        ["accept", pick(["text/html", "*/*;q=x", "\u00ff", ""])],
        ["accept-encoding", pick(["gzip", "identity;q=0", "\u00ff"])],
        ["content-encoding", pick(["gzip", "deflate", "br", "x"])],
        ["x-http-method-override", "DELETE"],
        ["x-forwarded-for", "127.0.0.1, ".repeat(below(50))],
        ["cf-connecting-ip", pick(["203.0.113.9", "::1", "\u00ff", "", "not-an-address"])],
        ["cf-ipcity", "S\u00e3o Paulo"],
        ["range", pick(["bytes=0-", "bytes=-1", "x"])],
        ["if-none-match", pick(["*", '"x"'])],
        ["expect", pick(["100-continue", "200-maybe"])],
        // To workerd, whatever upgrades is a GET.
        method === "GET" ? ["upgrade", "websocket"] : ["upgrade", "h2c"],
        ["te", "trailers"],
        [`x-${"n".repeat(below(200))}`, "v".repeat(below(500))],
      ]),
    );
  if (chance(0.7)) headers.push(["content-type", pick(CONTENT_TYPES)]);
  return headers;
}

/** How a body is framed, rightly or wrongly; `cut` says that the client goes away before what it announced has come. */
function framed({ pick, chance }, body) {
  const chunked = Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from(body.length > 0 ? "\r\n0\r\n\r\n" : "\r\n"),
  ]);
  const length = ["content-length", body.length];
  const inChunks = ["transfer-encoding", "chunked"];
  if (chance(0.7)) return { framing: [length], bytes: body };
  return pick([
    { framing: [inChunks], bytes: chunked },
    { framing: [inChunks], bytes: chunked },
    { framing: [["transfer-encoding", "chunked, identity"]], bytes: chunked, cut: true },
    { framing: [inChunks, length], bytes: chunked, cut: true },
    {
      framing: [["content-length", pick(["-1", "x", "1e3", "99999999999999999999", "0x10"])]],
      bytes: body,
      cut: true,
    },
    { framing: [length, ["content-length", body.length + 1]], bytes: body, cut: true },
  ]);
}

/** A body that breaks off. A webhook's is not malformed for that: it is answered 503, so that the gateway sends it again. */
function brokenOff({ pick }, body) {
  const inChunks = ["transfer-encoding", "chunked"];
  const half = body.subarray(0, body.length / 2);
  return pick([
    {
      framing: [inChunks],
      bytes: Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), half]),
      cut: true,
    },
    { framing: [inChunks], bytes: Buffer.from("zz\r\nx\r\n0\r\n\r\n"), cut: true },
    { framing: [inChunks], bytes: Buffer.from("ffffffffffffffffff\r\n"), cut: true },
    { framing: [["content-length", body.length + 7]], bytes: body, cut: true },
  ]);
}

const isWebhook = ({ path }) => path === "/v1/webhooks";
const takesBody = ({ path }) => /sessions$|card-payments$|payouts/.test(path);

/** By what is wrong: which operations can have that wrong, and the request (`method`, `path`, `query`, `headers`, `body`) that has it, for the rest as it should be. */
const DEFECTS = {
  "an address that does not exist": {
    of: ({ path }) => path.startsWith("/v1/"),
    make: ({ pick }, { method, path }) => ({
      method: pick([method, ...METHODS]),
      path: pick([`${path}/`, `${path}%2f`, `${path}/x/y/z`, path.replace("/v1/", "/v1//"), `/v1/x${path}`]),
    }),
  },
  "a method that the address does not answer to": {
    of: () => true,
    make: ({ pick }, { path, methods }) => ({
      path,
      method: pick(METHODS.filter((name) => !methods.includes(name === "HEAD" ? "GET" : name))),
    }),
  },
  "no credentials, or wrong ones": {
    of: ({ security }) => security.length > 0,
    make: ({ pick, chance }, { method, path }, { wrong }) => ({
      method,
      path,
      headers: chance(0.2)
        ? []
        : [["authorization", pick([...WRONG_CREDENTIALS, ...wrong.map((token) => `Bearer ${token}`)])]],
    }),
  },
  "an id that there is not": {
    of: ({ path }) => path.includes("{"),
    make: (_, { method, path, credentials }) => ({ method, path, headers: credentials }),
  },
  "a query that means nothing": {
    of: ({ parameters }) => parameters.length > 0,
    make: ({ pick }, { method, path, parameters, credentials, known }) => {
      const name = pick(parameters);
      const own = path.replace(/\{\w+\}/, known);
      return { method, path: own, headers: credentials, query: `?${name}=${pick(WRONG_PARAMETERS[name])}` };
    },
  },
  "a body that is not taken": {
    of: takesBody,
    make: ({ pick, chance }, { method, path, credentials }) => ({
      method,
      path,
      headers: credentials,
      ...(chance(0.2) ? { brokenBody: pick(WRONG_BODIES) } : { body: pick(WRONG_BODIES) }),
    }),
  },
  "a webhook without its signature": {
    of: isWebhook,
    make: ({ pick }, { method, path }) => ({
      method,
      path,
      headers: pick([
        [],
        [
          [
            "x-signature",
            pick(["", "00", "g".repeat(40), "0".repeat(40), "0".repeat(41), "\u00ff", "0".repeat(4000)]),
          ],
        ],
      ]),
      body: pick(BODIES),
    }),
  },
  "a webhook that is none": {
    of: isWebhook,
    make: (dice, { method, path }) => ({ method, path, ...signedWebhook(dice) }),
  },
};

/** Bodies that neither a session takes (nothing, or `{}`) nor a payout (JSON with what it must be). */
const WRONG_BODIES = BODIES.filter((body) => !["", "{}"].includes(body.toString()));

/**
 * One malformed request: `{ defect, bytes, method, cut }`. `operations` are those of openapi.yaml with `methods` (all of the address), `parameters` (names in the query) and
 * `credentials` (a header that would be accepted) for the payment `known`; `wrong` are tokens that are not accepted.
 */
export function malformed(dice, { operations, wrong }) {
  const { pick, chance } = dice;
  const defect = pick(Object.keys(DEFECTS));
  const { of, make } = DEFECTS[defect];
  const operation = pick(operations.filter(of));
  const request = make(dice, operation, { wrong });
  let path = request.path.replaceAll(/\{\w+\}/g, () => pick(SEGMENTS));
  // The same address in other words.
  if (chance(0.2))
    path = pick([(text) => `/.${text}`, (text) => `/x/..${text}`, (text) => `http://evil.example${text}`])(
      path,
    );
  const body = request.body ?? (chance(0.3) && request.method !== "HEAD" ? pick(BODIES) : undefined);
  const {
    framing,
    bytes,
    cut = false,
  } = request.brokenBody
    ? brokenOff(dice, request.brokenBody)
    : body === undefined
      ? { framing: [], bytes: Buffer.alloc(0) }
      : framed(dice, body);
  const headers = [
    ["host", "cashier.example.com"],
    ...framing,
    ...(request.headers ?? []),
    ...soup(dice, request.method),
  ];
  if (chance(0.02)) headers.push(["bad name", "x"], ["x-newline", "a\nb"]);
  headers.push(["connection", "close"]);
  // Latin-1, so that every byte goes out as it is.
  const head = [
    `${request.method} ${path}${request.query ?? pick(QUERIES)} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ];
  return {
    defect,
    bytes: Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), bytes]),
    method: request.method,
    cut,
  };
}

/**
 * Sends bytes and reads the answer until the server closes: `{ status, headers, body }`, or `null` when it closes without one.
 * @param {URL} url
 */
export async function send(url, { bytes, method, cut }, timeoutMs = 15_000) {
  const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
  const chunks = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server may refuse by closing before everything was written.
  const failed = once(socket, "error").then(([error]) => error);
  const ended = once(socket, "end");
  ended.catch(() => {});
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  if (cut) socket.end(bytes);
  else socket.write(bytes);
  const error = await Promise.race([
    ended.then(
      () => null,
      (error) => error,
    ),
    failed,
  ]);
  socket.destroy();
  if (error && /no answer/.test(error.message))
    throw new Error(`${error.message}: ${bytes.subarray(0, 300).toString("latin1")}`);
  sawAnswer(url.origin, Buffer.concat(chunks).toString());
  return parsed(Buffer.concat(chunks), method);
}

function parsed(bytes, method) {
  // The go-ahead to `expect: 100-continue` is no answer.
  const text = bytes.toString("latin1").replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(first.split(" ")[1]);
  const headers = new Headers();
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim());
  let body = text.slice(end + 4);
  if (headers.get("transfer-encoding") === "chunked") body = unchunked(body);
  return { status, headers, body: method === "HEAD" ? "" : Buffer.from(body, "latin1").toString() };
}

function unchunked(text) {
  let whole = "";
  for (let at = 0; at < text.length;) {
    const line = text.indexOf("\r\n", at);
    const length = Number.parseInt(text.slice(at, line), 16);
    if (!length) break;
    whole += text.slice(line + 2, line + 2 + length);
    at = line + 2 + length + 2;
  }
  return whole;
}
