// docs/deliveries.md: its endpoint takes the real Worker's messages, and its tables have what the messages have.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, it } from "node:test";
import { pathToFileURL } from "node:url";
import { of, send } from "../support/deliveries.mjs";
import { startGateway } from "../support/gateway.mjs";
import { DELIVERY_SECRET } from "../support/merchant.mjs";
import { opened } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

const root = resolve(import.meta.dirname, "../..");
const text = await readFile(join(root, "docs/deliveries.md"), "utf8");
const [, program] = /^```js\n(.*?)^```/ms.exec(text);
const [, example] = /^```json\n(.*?)^```/ms.exec(text);

/** The first cells of a table's rows, without the backticks. */
function firstCells(head) {
  const table = text.split("\n\n").find((paragraph) => paragraph.startsWith(`| ${head} |`));
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => row.split("|")[1].trim().replaceAll("`", ""));
}

/** What was credited, by the id of its message; the first attempt to write fails. */
const credited = new Map();
let calls = 0;
const books = {
  async credit(id, data) {
    calls += 1;
    if (calls === 1) throw new Error("the database is away");
    credited.set(id, data);
  },
};

let folder;
let gateway;
let server;
let worker;
let url;

before(async () => {
  process.env.DELIVERY_SECRET = DELIVERY_SECRET;
  // Inside tests/, so that the program finds its library by its name.
  folder = await mkdtemp(join(import.meta.dirname, ".deliveries-"));
  const file = join(folder, "program.mjs");
  await writeFile(file, program);
  const { endpoint } = await import(pathToFileURL(file).href);
  server = endpoint(books).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}/payments`;
  gateway = await startGateway();
  const vars = {
    GATEWAY_BASE_URL: gateway.url,
    MERCHANT_WEBHOOK_URL: url,
    DELIVERY_SECRET,
    CONFIRM_WITH_GATEWAY: "false",
  };
  worker = await startWorker({ vars, inspect: true });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

it("the endpoint credits a success once, after its database was away, and nothing else", async () => {
  const payment = await opened(worker);
  await send(worker, of(payment, "first", "rejected"), of(payment, "second", "successful"));
  for (;;) {
    const rows = await worker.sql(payment.tracking_id, "SELECT id, body, state FROM delivery ORDER BY seq");
    if (rows.length === 2 && rows.every(({ state }) => state === "delivered")) {
      const { data } = JSON.parse(rows[1].body);
      assert.deepEqual([...credited], [[rows[1].id, data]]);
      assert.equal(calls, 2);
      assert.deepEqual(firstCells("field"), Object.keys(data));
      assert.deepEqual(Object.keys(JSON.parse(example)), Object.keys(JSON.parse(rows[1].body)));
      assert.deepEqual(Object.keys(JSON.parse(example).data), Object.keys(data));
      return;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
});

it("the endpoint refuses what is not signed with its secret", async () => {
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(Date.now() / 1000)) };
  const before = credited.size;
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "webhook-signature": `v1,${Buffer.alloc(32).toString("base64")}` },
    body: example,
  });
  assert.equal(response.status, 401);
  assert.equal(credited.size, before);
});

it("the table has every type that the Worker sends", async () => {
  const source = await readFile(join(root, "worker/src/payment/notice.rs"), "utf8");
  const [code] = source.split("#[cfg(test)]");
  const types = [...new Set([...code.matchAll(/"(payment\.\w+)"/g)].map(([, type]) => type))];
  assert.deepEqual(firstCells("type").toSorted(), types.toSorted());
});
