// `cargo xtask simulator`: the simulated gateway by itself, as its script starts it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { deposit, signatureOf, startReceiver } from "./support.mjs";

const README = readFileSync(join(import.meta.dirname, "../../simulator/README.md"), "utf8");
const SCRIPT = join(import.meta.dirname, "../../xtask/js/simulator.mjs");

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts it, and resolves with what it wrote once it is ready or has ended. */
async function start(...options) {
  const child = spawn(process.execPath, [SCRIPT, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ended = once(child, "exit");
  const ready = new Promise((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (/control page .*\n/.test(output)) done();
      });
    }
  });
  await Promise.race([ready, ended]);
  return {
    output: () => output,
    ended,
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

test("it says how to reach it, takes the given key, repeats a seeded run, and ends on a signal", async () => {
  const port = await freePort();
  const key = "a key with 'quotes'";
  const ids = [];
  for (const run of [1, 2]) {
    const simulator = await start(`--port=${port}`, `--api-key=${key}`, "--seed=42");
    try {
      for (const text of [`http://localhost:${port}/control`, key, "webhook_password_example"])
        assert.ok(simulator.output().includes(text), simulator.output());
      const reply = await fetch(`http://localhost:${port}/cashier/deposit`, {
        method: "POST",
        headers: { "x-api-key": key },
        body: JSON.stringify(deposit({ tracking_id: "seeded" })),
      });
      assert.equal(reply.status, 200, `run ${run}`);
      ids.push((await reply.json()).token);
    } finally {
      assert.equal(await simulator.stop(), 0, simulator.output());
    }
    await assert.rejects(fetch(`http://localhost:${port}/healthz`), "nothing listens any more");
  }
  assert.equal(ids[0], ids[1]);
});

test("what cannot be is named at once: an address, a port in use", async () => {
  const wrong = await start(`--port=${await freePort()}`, "--webhook-url=nonsense");
  assert.notEqual(await wrong.stop(), 0);
  assert.match(wrong.output(), /WEBHOOK_URL is not an absolute/);

  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const second = await start(`--port=${port}`);
  assert.notEqual(await second.stop(), 0);
  assert.match(second.output(), new RegExp(`port ${port} is in use.*--port`));
  server.close();
});

test("it sends webhooks where it is told, signed as it is told, and users back to the given page", async () => {
  const port = await freePort();
  const receiver = await startReceiver();
  const back = "http://localhost:9/back";
  const password = "another 'password'";
  const simulator = await start(
    `--port=${port}`,
    "--api-key=given",
    `--webhook-url=${receiver.url}`,
    `--webhook-password=${password}`,
    `--return-url=${back}`,
  );
  try {
    const opened = await fetch(`http://localhost:${port}/cashier/deposit`, {
      method: "POST",
      headers: { "x-api-key": "given" },
      body: JSON.stringify(deposit({ tracking_id: "told" })),
    });
    const { token } = await opened.json();
    const decided = await pay(`http://localhost:${port}`, token);
    assert.equal(decided.headers.get("location"), `${back}?tracking_id=told&result=successful`);
    const [{ body, headers }] = await receiver.until(1);
    assert.equal(headers["x-signature"], signatureOf(body, password));
  } finally {
    assert.equal(await simulator.stop(), 0, simulator.output());
    await receiver.stop();
  }
});

/** Presses the cashier's button; does not follow the redirect. */
const pay = (address, token) =>
  fetch(`${address}/cashier/${token}/decision`, {
    method: "POST",
    body: new URLSearchParams({ decision: "approve" }),
    redirect: "manual",
  });

test("the README: its calls work as they are, its required fields are those, and users come back to a page", async () => {
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const simulator = await start(`--port=${port}`);
  try {
    const calls = [...README.matchAll(/^```sh\n(.*?)^```/gms)].map(([, call]) => call);
    const answers = [];
    for (const call of calls) {
      const script = call.replaceAll("http://localhost:8788", address);
      const { stdout } = await promisify(execFile)("sh", ["-c", script]);
      answers.push(JSON.parse(stdout));
    }
    const [{ token }, paid] = answers;
    assert.deepEqual(paid, { url: "", transaction_status: "successful" });
    const page = new URL((await pay(address, token)).headers.get("location"));
    assert.equal(page.origin, address);
    const reply = await fetch(page);
    assert.equal(reply.status, 200);
    assert.match(await reply.text(), /<code>order-1<\/code>.*successful/s);

    const rows = [...README.matchAll(/^\| `(\/.*?)`(?:, `(\/.*?)`)? \| (.*) \|$/gm)];
    assert.equal(rows.length, 4);
    let payment = [];
    for (const [, path, other, cell] of rows) {
      const named = [...cell.matchAll(/`(.*?)`/g)].map(([, field]) => field);
      const required = cell.startsWith("the same") ? [...payment, ...named] : named;
      if (path === "/cashier/deposit") payment = named;
      for (const call of [path, other].filter(Boolean)) {
        const wrong = await fetch(address + call, {
          method: "POST",
          headers: { "x-api-key": "test_key_example" },
          body: JSON.stringify({ request: {}, card_details: {} }),
        });
        const { fields } = await wrong.json();
        assert.deepEqual(fields.map(({ field }) => field).sort(), required.sort(), call);
      }
    }
  } finally {
    assert.equal(await simulator.stop(), 0, simulator.output());
  }
});
