// Malformed requests, made by a seeded generator: the same seed gives the same bytes. Sent over raw sockets, since every HTTP client would mend them.

import { once } from "node:events";
import { connect } from "node:net";
import { signature } from "../support/payments.mjs";

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

const METHODS = [
  "GET",
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "POST",
  "POST",
  "POST",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "PROPFIND",
  "TRACE",
  "get",
  "G@T",
  "\u00c4",
];

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
  "?wait=99999999999999999999",
  "?wait=abc",
  "?version=1.5",
  "?wait=%ff",
  "?%00=%00",
  "?wait=0&wait=1",
  "?a[]=1&a[b]=2",
  "?limit=-1",
  "?from=yesterday&to=",
  "?state=%27",
  "?cursor=..",
  `?${"a".repeat(3e3)}`,
  "?a=\u00fc",
  "?wait=0#fragment",
  "??",
  "?token=x",
];

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

/** A webhook that is signed well and has one field too many, too few or of a wrong kind. */
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
  else
    event[field] = pick([
      null,
      true,
      "",
      "\u0000",
      "\r\nx: y",
      -1,
      1e300,
      [],
      {},
      "x".repeat(5000),
      "\u202e",
      "1e5",
      "-0",
      "NaN",
      "../../x",
      ".",
    ]);
  return { body: Buffer.from(JSON.stringify(event)), headers: [["x-signature", signature(event)]] };
}

/** Headers that a client or a proxy has no business with, or has too many of. */
function soup({ pick, below, chance }, credentials) {
  const headers = [];
  for (let count = below(6); count > 0; count--)
    headers.push(
      pick([
        ["authorization", pick(credentials)],
        ["authorization", `Bearer ${pick(credentials)}`],
        [
          "authorization",
          pick([
            "Bearer",
            "Bearer ",
            "bearer\t",
            "Basic dTpw",
            "Bearer \u00ff\u00fe",
            `Bearer ${"a".repeat(6000)}`,
            "Bearer a.b.c",
            "Bearer ..",
            ", ,",
          ]),
        ],
        [
          "x-signature",
          pick(["", "00", "g".repeat(40), "0".repeat(40), "0".repeat(41), "\u00ff", "0".repeat(4000)]),
        ],
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
        ["upgrade", "websocket"],
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
  if (chance(0.6)) return { framing: [length], bytes: body };
  return pick([
    { framing: [["transfer-encoding", "chunked"]], bytes: chunked },
    {
      framing: [["transfer-encoding", "chunked"]],
      bytes: chunked.subarray(0, chunked.length / 2),
      cut: true,
    },
    { framing: [["transfer-encoding", "chunked"]], bytes: Buffer.from("zz\r\nx\r\n0\r\n\r\n"), cut: true },
    { framing: [["transfer-encoding", "chunked"]], bytes: Buffer.from("ffffffffffffffffff\r\n"), cut: true },
    { framing: [["transfer-encoding", "chunked, identity"]], bytes: chunked, cut: true },
    { framing: [["transfer-encoding", "chunked"], length], bytes: chunked, cut: true },
    { framing: [["content-length", body.length + 7]], bytes: body, cut: true },
    { framing: [["content-length", Math.floor(body.length / 2)]], bytes: body, cut: true },
    {
      framing: [["content-length", pick(["-1", "x", "1e3", "99999999999999999999", "0x10"])]],
      bytes: body,
      cut: true,
    },
    { framing: [length, ["content-length", body.length + 1]], bytes: body, cut: true },
    { framing: [], bytes: body, cut: body.length > 0 },
  ]);
}

/**
 * One malformed request: `{ bytes, method, cut }`. `paths` are those of openapi.yaml, `credentials` tokens of every kind, and none that opens another payment.
 */
export function malformed(dice, { paths, credentials }) {
  const { pick, chance } = dice;
  const method = pick(METHODS);
  const route = chance(0.85)
    ? pick(paths)
    : pick(["/v1", "/v2/sessions", "/v1/admin", "/v1/sessions", "/healthz"]);
  let path = route.replaceAll(/\{\w+\}/g, () => pick(SEGMENTS));
  if (chance(0.3))
    path = pick([
      (text) => `/${text}`,
      (text) => `${text}/`,
      (text) => `/.${text}`,
      (text) => `/x/..${text}`,
      (text) => text.replaceAll("/", "//"),
      (text) => text.replaceAll("/", "%2f"),
      (text) => `${text}/${pick(SEGMENTS)}`,
      (text) => text.toUpperCase(),
      (text) => `http://evil.example${text}`,
      // No `*` and nothing without a slash: Miniflare's own entry fails on those, so that they never come to the Worker.
      () => `/${pick(SEGMENTS)}`,
    ])(path);
  const webhook =
    route === "/v1/webhooks" && chance(0.4) ? signedWebhook(dice) : { body: pick(BODIES), headers: [] };
  const hasBody = webhook.headers.length > 0 || (chance(0.6) && method !== "HEAD");
  const {
    framing,
    bytes,
    cut = false,
  } = hasBody ? framed(dice, webhook.body) : { framing: [], bytes: Buffer.alloc(0) };
  const headers = [
    ["host", "cashier.example.com"],
    ...framing,
    ...webhook.headers,
    ...soup(dice, credentials),
  ];
  if (chance(0.02)) headers.push(["bad name", "x"], ["x-newline", "a\nb"]);
  headers.push(["connection", "close"]);
  // Latin-1, so that every byte goes out as it is.
  const head = [
    `${method} ${path}${pick(QUERIES)} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ];
  return { bytes: Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), bytes]), method, cut };
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
