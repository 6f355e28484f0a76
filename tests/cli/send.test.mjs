import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { PASSWORD, receiver, run } from "./run.mjs";

const env = { EDGE_CASHIER_PASSWORD: PASSWORD };
const send = (args, options = {}) => run(["send", ...args], { env, ...options });
const statuses = (received) => received.map(({ body }) => JSON.parse(body).status);

/** The reference's own snippet. */
function isSigned({ headers, body }) {
  const data = JSON.parse(body);
  const expected = createHash("sha1")
    .update(JSON.stringify(data) + PASSWORD)
    .digest("hex")
    .toUpperCase();
  return headers["x-signature"] === expected;
}

test("sends one signed webhook with the gateway's seven fields, and prints the answer", async (t) => {
  const { url, received } = await receiver(t);
  const { code, stdout, stderr } = await send([url]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^1\. successful -> 204 \(\d+ ms\)$/m);
  assert.equal(received.length, 1);
  const [webhook] = received;
  assert.equal(webhook.method, "POST");
  assert.equal(webhook.url, "/webhooks");
  assert.equal(webhook.headers["content-type"], "application/json");
  assert.match(webhook.headers["user-agent"], /^edge-cashier\/\d+\.\d+\.\d+ /);
  assert.ok(isSigned(webhook));
  const data = JSON.parse(webhook.body);
  assert.deepEqual(Object.keys(data), [
    "transaction_id",
    "user_id",
    "tracking_id",
    "status",
    "currency",
    "amount",
    "transaction_type",
  ]);
  assert.match(data.tracking_id, /^[0-9a-f-]{36}$/);
  assert.ok(stdout.includes(data.tracking_id) && stdout.includes(data.transaction_id));
  assert.deepEqual(
    [data.status, data.currency, data.amount, data.transaction_type],
    ["successful", "EUR", "200.00", "deposit"],
  );
});

test("every field can be set, and is sent as it was given", async (t) => {
  const { url, received } = await receiver(t);
  const given = {
    transaction_id: "bbds7128hdha",
    user_id: "128",
    tracking_id: "kshdhay6381623/é",
    status: "under_review",
    currency: "KWD",
    amount: "10.050",
    transaction_type: "withdrawal",
  };
  const options = {
    "transaction-id": given.transaction_id,
    "user-id": given.user_id,
    "tracking-id": given.tracking_id,
    status: given.status,
    currency: given.currency,
    amount: given.amount,
    type: given.transaction_type,
  };
  const { code } = await send([
    url,
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
  ]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(received[0].body), given);
  assert.ok(isSigned(received[0]));
});

test("--count repeats the same webhook, byte for byte", async (t) => {
  const { url, received } = await receiver(t);
  const { code, stdout } = await send([url, "--count", "3"]);
  assert.equal(code, 0);
  assert.equal(received.length, 3);
  assert.equal(new Set(received.map(({ body, headers }) => body + headers["x-signature"])).size, 1);
  assert.match(stdout, /^3\. successful -> 204/m);
});

test("several --status are sent in the order in which they are given", async (t) => {
  const { url, received } = await receiver(t);
  await send([url, "--status", "pending", "--status", "rejected", "--count", "2"]);
  assert.deepEqual(statuses(received), ["pending", "pending", "rejected", "rejected"]);
  assert.equal(new Set(received.map(({ body }) => JSON.parse(body).transaction_id)).size, 1);
});

describe("--shuffle", () => {
  test("sends a final state before an earlier one", async (t) => {
    const { url, received } = await receiver(t);
    const { code } = await send([url, "--shuffle"]);
    assert.equal(code, 0);
    assert.deepEqual(statuses(received), ["successful", "pending"]);
    assert.ok(received.every(isSigned));
  });

  test("of --status pending adds the final state that it needs", async (t) => {
    const { url, received } = await receiver(t);
    await send([url, "--shuffle", "--status", "pending"]);
    assert.deepEqual(statuses(received), ["successful", "pending"]);
  });

  test("loses and adds nothing, never keeps the order, and --seed repeats it", async (t) => {
    const { url, received } = await receiver(t);
    const args = [url, "--shuffle", "--status", "pending", "--status", "successful", "--count", "4"];
    const first = await send(args);
    const order = statuses(received.splice(0));
    assert.equal(order.filter((status) => status === "pending").length, 4);
    assert.equal(order.filter((status) => status === "successful").length, 4);
    assert.notDeepEqual(order, [...order].sort());
    const [, seed] = /^shuffled by --seed (\d+)$/m.exec(first.stdout);
    await send([...args, "--seed", seed]);
    assert.deepEqual(statuses(received.splice(0)), order);
    const orders = new Set();
    for (const other of ["1", "2", "3"]) {
      await send([...args, "--seed", other]);
      orders.add(statuses(received.splice(0)).join());
    }
    assert.ok(orders.size > 1, "the seed makes no difference");
  });
});

test("--json tells everything once", async (t) => {
  const { url, received } = await receiver(t);
  const { code, stdout } = await send([url, "--json", "--shuffle", "--seed", "7"]);
  assert.equal(code, 0);
  const answer = JSON.parse(stdout);
  assert.equal(answer.url, url);
  assert.equal(answer.seed, 7);
  assert.deepEqual(
    answer.deliveries.map(({ status, body, signature, answer: got }) => [status, body, signature, got]),
    received.map(({ body, headers }) => [JSON.parse(body).status, body, headers["x-signature"], 204]),
  );
  assert.equal(answer.tracking_id, JSON.parse(received[0].body).tracking_id);
});

describe("a receiver that refuses is exit code 1", () => {
  test("each answer is reported, with the beginning of its text made harmless", async (t) => {
    let calls = 0;
    const { url, received } = await receiver(t, (_request, response) => {
      calls += 1;
      if (calls === 2) response.writeHead(204).end();
      else
        response
          .writeHead(401, { "content-type": "text/plain" })
          .end(`\u001b[31mbad signature ${"x".repeat(5000)}`);
    });
    const { code, stdout } = await send([url, "--count", "3"]);
    assert.equal(code, 1);
    assert.equal(received.length, 3);
    assert.match(stdout, /^1\. successful -> 401 \(\d+ ms\)\n {3}\\u\{1b\}\[31mbad signature x+$/m);
    assert.match(stdout, /^2\. successful -> 204/m);
    assert.match(stdout, /^3\. successful -> 401/m);
    for (const line of stdout.split("\n")) assert.ok(line.length < 300, "the whole answer was printed");
  });

  test("a redirect is not followed", async (t) => {
    const { url, received } = await receiver(t, (_request, response) => {
      response.writeHead(308, { location: "/elsewhere" }).end();
    });
    const { code, stdout } = await send([url]);
    assert.equal(code, 1);
    assert.match(stdout, /-> 308 .*\n {3}redirects to \/elsewhere: send to that address/);
    assert.deepEqual(
      received.map(({ url: path }) => path),
      ["/webhooks"],
    );
  });

  test("an answer whose body never ends is an answer", async (t) => {
    const { url } = await receiver(t, (_request, response) => {
      response.writeHead(500);
      response.write("half an err");
    });
    const { code, stdout } = await send([url, "--timeout", "1"]);
    assert.equal(code, 1);
    assert.match(stdout, /-> 500 .*\n {3}half an err/);
  });
});

describe("a receiver that cannot be reached is exit code 3", () => {
  test("nothing listens", async () => {
    const probe = createServer();
    await new Promise((done) => probe.listen(0, "127.0.0.1", done));
    const { port } = probe.address();
    await new Promise((done) => probe.close(done));
    const { code, stdout } = await send([`http://127.0.0.1:${port}/`]);
    assert.equal(code, 3);
    assert.match(stdout, /-> not reached .*\n {3}ECONNREFUSED: nothing listens there: start the receiver/);
  });

  test("no answer in time", async (t) => {
    const { url, received } = await receiver(t, () => {});
    const { code, stdout } = await send([url, "--timeout", "1"]);
    assert.equal(code, 3);
    assert.match(stdout, /no answer within 1 s: answer first and do the work afterwards/);
    assert.equal(received.length, 1, "a webhook was sent again although nobody asked for it");
  });

  test("the connection is closed without an answer", async (t) => {
    const { url, received } = await receiver(t, (request) => request.socket.destroy());
    const { code, stdout } = await send([url]);
    assert.equal(code, 3);
    assert.match(stdout, /the receiver closed the connection without an answer/);
    assert.equal(received.length, 1);
  });
});

describe("wrong usage is exit code 2, and nothing is sent", () => {
  const cases = [
    ["no URL", () => [], /no URL: give the address of the receiver/],
    ["not a URL", () => ["localhost:3000"], /must begin with http:\/\/ or https:\/\//],
    ["another scheme", () => ["ftp://localhost/"], /must begin with http:\/\/ or https:\/\//],
    [
      "a password in the URL",
      () => ["http://user:hunter2-example@localhost/"],
      /holds a user name or password/,
    ],
    ["--amount", (url) => [url, "--amount", "1e3"], /--amount must be a decimal such as 200\.00/],
    ["--count 0", (url) => [url, "--count", "0"], /--count must be a whole number from 1 to 1000/],
    ["--count 1.5", (url) => [url, "--count", "1.5"], /--count must be a whole number from 1 to 1000/],
    ["--timeout", (url) => [url, "--timeout", "601"], /--timeout must be a whole number from 1 to 600/],
    ["--seed alone", (url) => [url, "--seed", "1"], /--seed repeats an order: give --shuffle with it/],
    ["--seed", (url) => [url, "--shuffle", "--seed", "-1"], /--seed needs a value/],
  ];
  for (const [name, args, expected] of cases) {
    test(name, async (t) => {
      const { url, received } = await receiver(t);
      const { code, stdout, stderr } = await send(args(url), { secrets: ["hunter2-example", PASSWORD] });
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert.deepEqual(received, []);
    });
  }

  test("no password", async (t) => {
    const { url, received } = await receiver(t);
    const { code, stderr } = await send([url], { env: {} });
    assert.equal(code, 2);
    assert.match(stderr, /no password: set EDGE_CASHIER_PASSWORD/);
    assert.deepEqual(received, []);
  });
});
