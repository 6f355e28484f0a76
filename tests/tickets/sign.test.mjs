// The programs of docs/tickets.md: what they sign opens a payment on the real Worker, and is worthless with any byte changed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { startGateway } from "../support/gateway.mjs";
import { openSession } from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";
import { program, table } from "./document.mjs";

const { TICKET_SECRET, TICKET_AUDIENCE } = WORKER_VARS;
const user = { id: "128", email: "john.doe@example.com" };
const order = () => ({ tracking_id: randomUUID(), amount: "10.05", currency: "EUR" });

// Inside tests/, so that the Node program finds jose by its name.
const folder = mkdtempSync(join(import.meta.dirname, ".tickets-"));
let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
  rmSync(folder, { recursive: true });
});

/** Each gives the ticket that the document's function signs for an order. */
const signers = {
  js: async (of) => {
    Object.assign(process.env, { TICKET_SECRET, TICKET_AUDIENCE });
    const file = join(folder, "program.mjs");
    writeFileSync(file, program("js"));
    const { launchTicket } = await import(pathToFileURL(file).href);
    return launchTicket(user, of);
  },
  python: async (of) => {
    const file = join(folder, "program.py");
    const call = "import json, sys\nprint(launch_ticket(*json.loads(sys.argv[1])), end='')\n";
    writeFileSync(file, `${program("python")}\n${call}`);
    // PYTHONPATH is what `cargo xtask test` installed from requirements.txt.
    return execFileSync(process.env.PYTHON ?? "python3", ["-B", file, JSON.stringify([user, of])], {
      encoding: "utf8",
      env: { ...process.env, TICKET_SECRET, TICKET_AUDIENCE },
    });
  },
};

for (const [language, sign] of Object.entries(signers)) {
  describe(`the ${language} program`, () => {
    it("signs a ticket that opens exactly its payment", async () => {
      gateway.requests.length = 0;
      const of = order();
      const response = await openSession(worker, await sign(of));
      const session = await response.json();
      assert.equal(response.status, 201, JSON.stringify(session));
      assert.equal(session.tracking_id, of.tracking_id);
      assert.equal(gateway.requests.length, 1);
      const { request } = JSON.parse(gateway.requests[0].body);
      const { user_id, tracking_id, currency, customer } = request;
      assert.deepEqual(
        { user_id, tracking_id, currency, customer },
        { user_id: user.id, tracking_id: of.tracking_id, currency: "EUR", customer: { email: user.email } },
      );
      assert.match(gateway.requests[0].body, /"amount":10\.05[,}]/);
    });

    it("signs a ticket that is refused with any byte changed", async () => {
      gateway.requests.length = 0;
      const ticket = await sign(order());
      assert.ok(ticket.length > 200);
      for (let at = 0; at < ticket.length; at++) {
        const other = ticket[at] === "A" ? "B" : "A";
        const response = await openSession(worker, ticket.slice(0, at) + other + ticket.slice(at + 1));
        const { code } = await response.json();
        assert.deepEqual([response.status, code], [401, "invalid_ticket"], `byte ${at}`);
      }
      assert.equal(gateway.requests.length, 0);
    });
  });
}

it("every program signs every claim that is required", () => {
  const required = table("claim")
    .filter(([, need]) => need === "required")
    .map(([claim]) => claim);
  assert.deepEqual(required, ["sub", "jti", "aud", "exp", "operation", "amount", "currency"]);
  // jose has methods for those of the RFC; the test above has run it.
  for (const language of ["python", "php", "go", "ruby"]) {
    const text = program(language);
    for (const claim of required)
      assert.match(text, new RegExp(`["']?\\b${claim}\\b["']?(:| =>)`), `${language}: ${claim}`);
    assert.match(text, /HS256/);
  }
});
