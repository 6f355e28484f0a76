// Bodies that are too long, announced or not, and bodies that never end: refused early, in bounded time, and nobody else waits.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, it } from "node:test";
import { ADMIN_TOKEN, event, readSession, sendWebhook } from "../support/payments.mjs";
import { send } from "./requests.mjs";
import { address, startStand } from "./stand.mjs";

/** worker/src/platform.rs, with room for a busy machine. */
const TIME_LIMIT_MS = 10_000;
const GRACE_MS = 10_000;

let stand;

before(async () => {
  stand = await startStand();
});

after(() => stand?.stop());

const posts = () => stand.operations.filter(({ method }) => method === "POST");

const head = (path, ...headers) =>
  Buffer.from(
    [
      `POST ${path} HTTP/1.1`,
      "host: cashier.example.com",
      "content-type: application/json",
      ...headers,
      "",
      "",
    ].join("\r\n"),
  );

it("a byte too many is 413 on every route that takes a body, before one of them has come", async () => {
  assert.ok(posts().length >= 3);
  for (const route of posts()) {
    const announced = (route.path === "/v1/webhooks" ? 65_536 : 4096) + 1;
    const bytes = head(address(route, "x"), `content-length: ${announced}`, "connection: close");
    const answer = await send(new URL(stand.worker.url), { bytes, method: "POST", cut: true });
    assert.equal(answer?.status, 413, `${route.path}: ${answer?.status} ${answer?.body}`);
    const { code, detail } = JSON.parse(answer.body);
    assert.equal(code, "payload_too_large");
    assert.equal(detail, "A body has at most 4096 bytes, and a webhook 65536.");
  }
});

it("a megabyte in chunks is refused without being kept", async () => {
  const payment = await stand.ticket();
  const card = await stand.ticket({ operation: "card_payment", routing_id: 7 });
  for (const [path, credentials] of [
    ["/v1/webhooks", `x-signature: ${"0".repeat(40)}`],
    ["/v1/sessions", `authorization: Bearer ${payment.jwt}`],
    ["/v1/card-payments", `authorization: Bearer ${card.jwt}`],
  ]) {
    const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "x"), Buffer.from("\r\n")]);
    const chunks = [...Array(16).fill(chunk), Buffer.from("0\r\n\r\n")];
    const bytes = Buffer.concat([
      head(path, credentials, "transfer-encoding: chunked", "connection: close"),
      ...chunks,
    ]);
    const answer = await send(new URL(stand.worker.url), { bytes, method: "POST" });
    assert.equal(answer?.status, 413, `${path}: ${answer?.status} ${answer?.body}`);
  }
  assert.equal(stand.gateway.requests.length, 0);
});

it(
  "bodies that drip are given up after ten seconds, and meanwhile nobody else waits",
  { timeout: 60_000 },
  async () => {
    const url = new URL(stand.worker.url);
    const { jwt } = await stand.ticket();
    const card = await stand.ticket({ operation: "card_payment" });
    const drips = [];
    for (let count = 0; count < 20; count++)
      for (const [path, framing, token] of [
        ["/v1/webhooks", "content-length: 1000"],
        ["/v1/webhooks", "transfer-encoding: chunked"],
        ["/v1/sessions", "content-length: 1000", jwt],
        ["/v1/sessions", "transfer-encoding: chunked", jwt],
        ["/v1/card-payments", "content-length: 1000", card.jwt],
        ["/v1/payouts/x/approve", "transfer-encoding: chunked", ADMIN_TOKEN],
      ])
        drips.push(
          drip(
            url,
            head(path, framing, `authorization: Bearer ${token}`, `x-signature: ${"0".repeat(40)}`),
            framing,
          ),
        );

    const started = performance.now();
    const payment = await stand.ticket();
    assert.equal(
      (
        await stand.call("/v1/sessions", {
          method: "POST",
          headers: { authorization: `Bearer ${payment.jwt}` },
        })
      ).status,
      201,
    );
    assert.equal((await sendWebhook(stand.worker, event(payment))).status, 204);
    assert.equal((await (await readSession(stand.worker, payment)).json()).state, "successful");
    const took = performance.now() - started;
    assert.ok(took < TIME_LIMIT_MS / 2, `a payment took ${took} ms beside ${drips.length} dripping bodies`);

    const ended = await Promise.all(drips);
    const slowest = Math.max(...ended.map(({ ms }) => ms));
    console.log(
      `${drips.length} dripping bodies: a payment took ${Math.round(took)} ms beside them; all were answered within ${Math.round(slowest)} ms`,
    );
    for (const { ms, answer } of ended) {
      assert.match(
        answer,
        /^HTTP\/1\.1 (503 |400 [^]*"detail":"The body broke off, or took too long[^]*"code":"invalid_body")/,
      );
      assert.ok(ms < TIME_LIMIT_MS + GRACE_MS, `held for ${ms} ms`);
    }
  },
);

/** Sends one byte of a body every 200 ms until there is an answer. */
async function drip(url, bytes, framing) {
  const started = performance.now();
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  socket.on("error", () => {});
  socket.write(bytes);
  const timer = setInterval(() => socket.write(framing.includes("chunked") ? "1\r\n \r\n" : " "), 200);
  let answer = "";
  while (!answer.includes("request_id")) answer += (await once(socket, "data"))[0].toString("latin1");
  clearInterval(timer);
  socket.destroy();
  return { ms: performance.now() - started, answer };
}
