// Bodies that are too long, announced or not, and bodies that never end: refused early, in bounded time, and nobody else waits.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, it } from "node:test";
import { event, readSession, sendWebhook } from "../support/payments.mjs";
import { send } from "./requests.mjs";
import { address, startStand } from "./stand.mjs";

const MEGABYTE = 1024 * 1024;
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

it("an announced megabyte is 413 on every route that takes a body, before a byte of it has come", async () => {
  assert.ok(posts().length >= 3);
  for (const route of posts()) {
    const bytes = head(address(route, "x"), `content-length: ${MEGABYTE}`, "connection: close");
    const answer = await send(new URL(stand.worker.url), { bytes, method: "POST", cut: true });
    assert.equal(answer?.status, 413, `${route.path}: ${answer?.status} ${answer?.body}`);
    assert.equal(JSON.parse(answer.body).code, "payload_too_large");
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
    const drips = [];
    for (let count = 0; count < 20; count++)
      for (const [path, framing] of [
        ["/v1/webhooks", "content-length: 1000"],
        ["/v1/webhooks", "transfer-encoding: chunked"],
        ["/v1/sessions", "content-length: 1000"],
        ["/v1/sessions", "transfer-encoding: chunked"],
      ])
        drips.push(
          drip(
            url,
            head(path, framing, `authorization: Bearer ${jwt}`, `x-signature: ${"0".repeat(40)}`),
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
    for (const { ms, status } of ended) {
      assert.ok([400, 503].includes(status), `${status}`);
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
  const [first] = await once(socket, "data");
  clearInterval(timer);
  socket.destroy();
  return { ms: performance.now() - started, status: Number(first.toString("latin1").split(" ")[1]) };
}
