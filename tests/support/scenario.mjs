// Runs the scenarios of simulator/scenarios through the Worker and the simulated gateway, each in real workerd, to their documented end.
//
//   const stage = await startStage();
//   const end = await runScenario(stage, scenario, (step, result) => …);
//   await stage.stop();

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { distinct, ends, types } from "./deliveries.mjs";
import { DELIVERY_SECRET, startMerchant } from "./merchant.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  decidePayout,
  eventually,
  openSession,
  readSession,
  ticket,
} from "./payments.mjs";
import { startSimulator, startWorker, WORKER_VARS } from "./workerd.mjs";

const FOLDER = join(import.meta.dirname, "../../simulator/scenarios");

/** The Worker knows both from the start, as while passwords are exchanged. */
const PASSWORD = WORKER_VARS.WEBHOOK_PASSWORDS;
const NEXT_PASSWORD = `${PASSWORD}-next`;

/** Every scenario as its file writes it, by name. */
export function scenarios() {
  const files = readdirSync(FOLDER).sort();
  return files.map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")));
}

/** A scenario's row in docs/scenarios.md. */
export function documented({
  name,
  title,
  description,
  by_hand,
  expected: { state, attempts, webhooks, deliveries },
}) {
  const attempted = attempts.length === 0 ? "no attempt" : attempts.join(", ");
  const recorded = webhooks.map(
    ({ status, outcome, received }) => `${status} (${outcome}${received > 1 ? `, ${received} times` : ""})`,
  );
  const told = deliveries.map((type) => `\`${type}\``);
  const cells = [
    `\`${name}\``,
    `**${title}.** ${description}`,
    by_hand ?? "yes",
    `\`${state}\``,
    attempted,
    recorded.join(", ") || "none",
    told.length === 0 ? "0" : `${told.length}: ${told.join(", ")}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The Worker, the simulator and a merchant's endpoint, connected. */
export async function startStage() {
  const running = [];
  const stop = async () => {
    for (const one of running.reverse()) await one.stop();
  };
  const started = async (starting) => {
    const one = await starting.catch(async (error) => {
      await stop();
      throw error;
    });
    running.push(one);
    return one;
  };
  const merchant = await started(startMerchant());
  const simulator = await started(startSimulator());
  const worker = await started(
    startWorker({
      inspect: true,
      vars: {
        GATEWAY_BASE_URL: simulator.url,
        CASHIER_URL: `${simulator.url}/cashier/{token}`,
        // Long enough for a busy machine to answer within.
        GATEWAY_TIMEOUT_MS: "4000",
        WEBHOOK_PASSWORDS: JSON.stringify([
          { id: "next", password: NEXT_PASSWORD },
          { id: "current", password: PASSWORD },
        ]),
        MERCHANT_WEBHOOK_URL: merchant.url,
        DELIVERY_SECRET,
        ADMIN_TOKEN,
        CARD_PAYMENTS: "enabled",
      },
    }),
  );
  return { merchant, simulator, worker, stop };
}

/**
 * Runs one scenario on a simulator that has forgotten everything before, and returns its end in the form of `expected`. `onStep` hears what came of each step.
 * @throws {Error} when a step does not go as the scenario says, or the payment never comes to the expected end
 */
export async function runScenario(stage, scenario, onStep = () => {}) {
  const run = { stage, payment: undefined, page: undefined };
  await control(run, "state", "DELETE");
  await control(run, "settings", "PUT", {
    webhook_url: `${stage.worker.url}/v1/webhooks`,
    return_url: `${stage.worker.url}/`,
  });
  await control(run, `scenarios/${scenario.name}`, "PUT");
  for (const step of scenario.steps) {
    const action = ACTIONS[step.action];
    if (!action) throw new Error(`${scenario.name}: there is no action ${step.action}`);
    const result = await action(run, step).catch((error) => {
      throw new Error(`${scenario.name}, "${step.text}": ${error.message}`, { cause: error });
    });
    onStep(step, result);
  }
  return endOf(run);
}

/** What a step does; each gives a short sentence of what came of it. */
const ACTIONS = {
  async open(run, { operation, amount, currency, answer = 201, code }) {
    run.payment = await ticket({ operation, amount, currency });
    return open(run, answer, code);
  },

  open_again: (run, { answer = 201, code }) => open(run, answer, code),

  /** By the merchant's own form: the same ticket pays by another card after a declined one. */
  async pay_card(run, { amount, currency, card_number, answer = 201, code }) {
    run.payment ??= await ticket({ operation: "card_payment", routing_id: 210, amount, currency });
    const card_details = {
      holder_name: "Simulated Holder",
      card_number,
      cvc: "123",
      exp_month: "12",
      exp_year: "2035",
    };
    const response = await fetch(`${run.stage.worker.url}/v1/card-payments`, {
      method: "POST",
      headers: { authorization: `Bearer ${run.payment.jwt}`, "content-type": "application/json" },
      body: JSON.stringify({ card_details }),
    });
    const { redirect_url, transaction_status, error } = await read(response, answer, code);
    run.page = redirect_url;
    return [`the Worker answers ${response.status}`, transaction_status, error].filter(Boolean).join(", ");
  },

  async decide(run, { decision, reason, amount, answer = 303 }) {
    const response = await fetch(`${run.page}/decision`, {
      method: "POST",
      body: new URLSearchParams({ decision, ...(reason && { reason }), ...(amount && { amount }) }),
      redirect: "manual",
    });
    must(response.status, answer, await response.text());
    const location = response.headers.get("location");
    if (!location) return `the page answers ${response.status}`;
    const next = new URL(location, run.page);
    const stays = next.origin === new URL(run.page).origin;
    if (stays) run.page = next.href;
    return stays
      ? `on to ${next.pathname.split("/")[1]}`
      : `back to the shop, result=${next.searchParams.get("result")}`;
  },

  async await_page(run, { answer }) {
    await eventually(
      async () => (await fetch(run.page)).status,
      (status) => status === answer,
    );
    return `the page answers ${answer}`;
  },

  async await_state(run, { state }) {
    await eventually(
      () => stateOf(run),
      (found) => found.state === state,
    );
    return `the payment is ${state}`;
  },

  async await_answer(run, { answer }) {
    await eventually(
      () => webhooksOf(run),
      (webhooks) => webhooks.some(({ answers }) => answers.at(-1)?.status === answer),
    );
    return `the Worker answers ${answer}`;
  },

  async settings(run, { settings }) {
    await control(run, "settings", "PUT", settings);
    return "set";
  },

  async rotate_password(run) {
    await control(run, "settings", "PUT", { webhook_password: NEXT_PASSWORD });
    return "set";
  },

  async webhook(run, { event = {} }) {
    const { tracking_id } = run.payment;
    const { status, amount, currency } = await control(run, "webhooks", "POST", { tracking_id, ...event });
    return `${status} of ${amount} ${currency}`;
  },

  async payout(run, { decision, answer = 200, code }) {
    const response = await decidePayout(run.stage.worker, run.payment, decision);
    await read(response, answer, code);
    return answered(response, code);
  },

  async reconcile(run, { exceptions }) {
    must(await run.stage.worker.scheduled(), "ok");
    return ACTIONS.await_exceptions(run, { exceptions });
  },

  async await_exceptions(run, { exceptions }) {
    await eventually(
      () => exceptionsOf(run),
      (found) => isDeepStrictEqual(found, exceptions),
    );
    return exceptions.length === 0 ? "no exception" : `exceptions: ${exceptions.join(", ")}`;
  },
};

function must(found, wanted, detail = "") {
  if (found !== wanted) throw new Error(`expected ${wanted}, got ${found} ${detail}`.trimEnd());
}

async function open(run, answer, code) {
  const response = await openSession(run.stage.worker, run.payment.jwt);
  const { cashier_url } = await read(response, answer, code);
  run.page = cashier_url;
  return answered(response, code);
}

/** The JSON of an answer that is as the step says. */
async function read(response, answer, code) {
  const text = await response.text();
  must(response.status, answer, text);
  const body = JSON.parse(text);
  if (code) must(body.code, code, text);
  return body;
}

const answered = ({ status }, code) => `the Worker answers ${[status, code].filter(Boolean).join(" ")}`;

/** Asks the simulator's control API. */
async function control({ stage }, path, method = "GET", body) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${stage.simulator.url}/control/${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} /control/${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

async function stateOf({ stage, payment }) {
  const response = await readSession(stage.worker, payment);
  if (response.status !== 200)
    throw new Error(`the state cannot be read: ${response.status} ${await response.text()}`);
  return response.json();
}

const webhooksOf = (run) =>
  control(run, `webhooks?tracking_id=${encodeURIComponent(run.payment.tracking_id)}`);

/** The kinds of the payment's exceptions. One of the gateway's list knows the attempt alone. */
async function exceptionsOf(run) {
  const { worker } = run.stage;
  const { tracking_id } = run.payment;
  const transactions = await control(run, `transactions?tracking_id=${encodeURIComponent(tracking_id)}`);
  const attempts = transactions.map(({ transaction_id }) => transaction_id);
  const response = await asMerchant(worker, "/v1/exceptions");
  must(response.status, 200);
  const { items } = await response.json();
  const own = items.filter(
    (item) => item.tracking_id === tracking_id || attempts.includes(item.transaction_id),
  );
  return own.map(({ kind }) => kind);
}

/** Waits for the end, and until nothing is under way any more that could change it. */
async function endOf(run) {
  const { merchant, worker } = run.stage;
  const { tracking_id } = run.payment;
  // What the Worker refuses (4xx) is sent again and again, and changes nothing.
  const isUnderWay = ({ state, answers }) => {
    const last = answers.at(-1)?.status;
    return state === "held" || (state === "queued" && !(last >= 400 && last < 500));
  };
  await eventually(
    () => webhooksOf(run),
    (webhooks) => !webhooks.some(isUnderWay),
  );
  await ends(worker, tracking_id);
  const messages = merchant.of(tracking_id);
  assert.deepEqual(
    messages.map(({ fault }) => fault),
    messages.map(() => undefined),
    "every message is signed",
  );
  assert.equal(distinct(messages).length, messages.length, "no message comes twice");
  const { state, transaction_id, attempts, timeline } = await stateOf(run);
  const alone = transaction_id === undefined ? [] : [state];
  return {
    state,
    attempts: attempts?.map((attempt) => attempt.state) ?? alone,
    webhooks: timeline.filter(({ event }) => event === "webhook").map(recorded),
    deliveries: types(messages),
  };
}

function recorded({ status, outcome, detail }) {
  const copies = /^received (\d+) times$/.exec(detail ?? "");
  return { status, outcome, received: copies ? Number(copies[1]) : 1 };
}
