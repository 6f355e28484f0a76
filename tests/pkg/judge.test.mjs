// The class Gateway against the Rust core, its judge: whatever goes in, both say the same to the letter. The cases are generated.
//
//   EDGE_CASHIER_JUDGE_CASES  how many cases, 15000 unless told; a million take some eight minutes
//   EDGE_CASHIER_JUDGE_SEED   where the generators start; a random one unless told, and a difference names it, so that any run can be repeated
//   EDGE_CASHIER_JUDGE        the judge's binary; unless told it is built from tests/judge
//   EDGE_CASHIER_PACKAGE      another build of the package than the workspace's, as the path of its index.js
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect, isDeepStrictEqual } from "node:util";
import { anyAnswer, anyDetail, busyAnswer } from "./support/gateway-answers.mjs";
import {
  anyOptions,
  anyRequest,
  goodOptions,
  goodRequest,
  longUrl,
  oddDay,
  OPERATIONS,
  random,
  someDay,
} from "./support/gateway-cases.mjs";
import { judge, questionText } from "./support/judge.mjs";

const other = process.env.EDGE_CASHIER_PACKAGE;
const { Gateway, GatewayError, ValidationError, version } = await import(
  other === undefined ? "edge-cashier" : pathToFileURL(resolve(other)).href
);

const CASES = Number(process.env.EDGE_CASHIER_JUDGE_CASES ?? 15_000);
const SEED = process.env.EDGE_CASHIER_JUDGE_SEED ?? String(Math.floor(Math.random() * 2 ** 32));
assert.ok(
  Number.isSafeInteger(CASES) && CASES > 0 && /^\d{1,19}$/.test(SEED),
  "cases and seed are whole numbers",
);

/** As many cases at once as fit easily into memory. */
const BATCH = 2000;
const TIME = "2024-07-05T11:53:25.000Z";
const METHODS = {
  hosted_deposit: "hostedDeposit",
  hosted_withdrawal: "hostedWithdrawal",
  direct_payment: "directPayment",
  card_payment: "cardPayment",
  reject_payout: "rejectPayout",
  approve_payout: "approvePayout",
  transaction_status: "transactionStatus",
  list_transactions: "listTransactions",
};
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * One case: what the judge is asked, what its answers mean, and what the package does.
 *
 * @typedef {{questions: object[], expected: (answers: object[]) => unknown, run: () => unknown, shown?: unknown}} Case
 */

/**
 * Holds the package to the judge in so many cases.
 *
 * @param {string} what the name of the comparison
 * @param {number} share of all cases
 * @param {(r: ReturnType<typeof random>) => Case} make
 * @param {(result: any, one: Case) => void} note gets the outcome of each case
 */
async function hold(what, share, make, note = () => {}) {
  const r = random(SEED);
  const count = Math.max(1, Math.round(CASES * share));
  for (let done = 0; done < count; done += BATCH) {
    const cases = Array.from({ length: Math.min(BATCH, count - done) }, () => make(r));
    const asking = judge(cases.flatMap(({ questions }) => questions));
    asking.catch(() => {}); // awaited below: the judge works while the package does
    const seen = [];
    for (const one of cases) seen.push(await one.run());
    const answers = await asking;
    const different = [];
    for (const [place, one] of cases.entries()) {
      const expected = one.expected(answers.splice(0, one.questions.length));
      if (!isDeepStrictEqual(seen[place], expected))
        different.push({ ...one, place: done + place, seen: seen[place], wanted: expected });
      note(expected, one);
    }
    if (different.length > 0) differ(what, different, cases.length);
  }
}

/** Fails with the first of the cases that differ, in full. */
function differ(what, different, of) {
  const [{ place, questions, shown, seen, wanted }] = different;
  const whole = (value) =>
    inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, breakLength: 120 });
  assert.fail(
    [
      `${what}: the package and the judge differ. EDGE_CASHIER_JUDGE_SEED=${SEED}, EDGE_CASHIER_JUDGE_CASES=${CASES}, case ${place}; ${different.length} of ${of} there differ`,
      ...(shown === undefined ? [] : [`given: ${whole(shown)}`]),
      ...questions.map((question) => `asked: ${questionText(question)}`),
      `the package: ${whole(seen)}`,
      `the judge:   ${whole(wanted)}`,
      firstDifference(seen, wanted),
    ].join("\n"),
  );
}

/** Where two long texts part, since few people see one character among thousands. */
function firstDifference(seen, expected) {
  const [one, two] = [
    inspect(seen, { depth: 20, maxStringLength: null }),
    inspect(expected, { depth: 20, maxStringLength: null }),
  ];
  let at = 0;
  while (at < one.length && one[at] === two[at]) at++;
  return `they part at: ${JSON.stringify(one.slice(Math.max(0, at - 40), at + 60))}\n         and: ${JSON.stringify(two.slice(Math.max(0, at - 40), at + 60))}`;
}

/** The options as the judge takes them: `null` counts as absent in JavaScript, and the package puts its own name before the program's. */
function judged({ apiKey, baseUrl, cashierUrl, userAgent, routes }) {
  const own = `edge-cashier/${version} (node/${process.versions.node})`;
  return {
    apiKey,
    baseUrl,
    ...((cashierUrl ?? undefined) === undefined ? {} : { cashierUrl }),
    userAgent: userAgent ? `${own} ${userAgent}` : own,
    ...((routes ?? undefined) === undefined ? {} : { routes }),
  };
}

/** Whether a value can be asked about. */
const isWellFormed = (value) => !/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(questionText(value));

const plain = (violations) => violations.map(({ path, code, message }) => ({ path, code, message }));

/** What is wrong, or what `run` gives. */
function violationsOf(run) {
  try {
    return run();
  } catch (error) {
    return error instanceof ValidationError
      ? { violations: plain(error.violations) }
      : { thrown: inspect(error) };
  }
}

const count = (counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1);

/** Fewer cases are a look at one thing: they need not meet everything. */
const WHOLE_RUN = 10_000;

/** At least so many of a hundred cases were accepted, and at least so many refused. */
function bothHappened(accepted, refused, name, percent = 15) {
  if (CASES < WHOLE_RUN) return;
  const [good, bad] = [accepted.get(name) ?? 0, refused.get(name) ?? 0];
  for (const some of [good, bad])
    assert.ok(some * 100 >= percent * (good + bad), `${name}: ${good} accepted, ${bad} refused`);
}

/** Each of these was among what the cases met. */
function allMet(wanted, met) {
  if (CASES < WHOLE_RUN) return;
  assert.deepEqual(
    wanted.filter((one) => !met.has(one)),
    [],
    "no case met these",
  );
}

const OPTION_CODES = "required format unknown_field type insecure credentials".split(" ");
const REQUEST_CODES =
  "required type format range decimals empty length check_digit unknown_field known_field unknown_operation".split(
    " ",
  );

describe(`the package and the judge (seed ${SEED})`, () => {
  test("options", async () => {
    const [accepted, refused, codes] = [new Map(), new Map(), new Set()];
    const make = (r) => {
      let options = anyOptions(r);
      // The package reports halves of surrogate pairs itself: the core has no text with one.
      while (!isWellFormed(options)) options = anyOptions(r);
      return {
        questions: [{ ask: "options", options: judged(options) }],
        expected: ([answer]) => answer,
        run: () =>
          violationsOf(() => {
            new Gateway(options);
            return { violations: [] };
          }),
      };
    };
    await hold("options", 0.2, make, ({ violations }) => {
      count(violations.length === 0 ? accepted : refused, "options");
      for (const { code } of violations) codes.add(code);
    });
    bothHappened(accepted, refused, "options");
    allMet(OPTION_CODES, codes);
  });

  test("options that are missing", () => {
    // The judge has no such question: in Rust a gateway without them does not compile.
    assert.deepEqual(
      violationsOf(() => new Gateway({ routes: null, cashierUrl: null })),
      {
        violations: [
          {
            path: "apiKey",
            code: "required",
            message:
              "missing; the API key is empty; give the key from the merchant portal (Settings > Credentials)",
          },
          {
            path: "baseUrl",
            code: "required",
            message:
              "missing; give the gateway's address from the merchant portal, for example https://gateway.example/api",
          },
        ],
      },
    );
  });

  test("requests", async () => {
    const [accepted, refused, codes] = [new Map(), new Map(), new Set()];
    const make = (r) => {
      const options = { ...goodOptions(r), ...(r.chance(300) ? { baseUrl: longUrl(r) } : {}) };
      const operation = r.chance(300)
        ? r.pick(["", "deposit", "hosted_deposit ", "__proto__", "constructor", "Hosted_Deposit"])
        : r.pick(OPERATIONS);
      let request = anyRequest(r, operation);
      // As above, halves of surrogate pairs; slips between two halves make some.
      while (!isWellFormed(request)) request = anyRequest(r, operation);
      return {
        questions: [{ ask: "request", options: judged(options), operation, request }],
        expected: ([answer]) => answer,
        run: () => violationsOf(() => new Gateway(options).request(operation, request)),
        operation,
      };
    };
    await hold("request", 0.5, make, ({ violations = [] }, { operation }) => {
      count(violations.length === 0 ? accepted : refused, operation);
      for (const { code } of violations) codes.add(code);
    });
    for (const operation of OPERATIONS) bothHappened(accepted, refused, operation);
    allMet(REQUEST_CODES, codes);
  });

  test("replies and errors", async () => {
    const [accepted, refused] = [new Map(), new Map()];
    const make = (r) => {
      const call = someCall(r);
      const answer = anyAnswer(r, call.operation, call.options.apiKey);
      return {
        ...call,
        questions: [received(call, answer, { attempts: 1, maxRetries: 0, random: 0 })],
        expected: ([said]) => outcome(call, said, 1),
        run: () => call.run({ fetch: async () => respond(answer), maxRetries: 0 }),
        shown: answer,
      };
    };
    const met = new Set();
    await hold("received", 0.22, make, (result, { operation }) => {
      count("reply" in result ? accepted : refused, operation);
      for (const fact of factsOf(result)) met.add(fact);
    });
    for (const operation of OPERATIONS) bothHappened(accepted, refused, operation);
    allMet(FACTS, met);
  });

  test("failures", async () => {
    const make = (r) => {
      const call = someCall(r);
      const detail = anyDetail(r, call.options.apiKey);
      const deeper = r.chance(3)
        ? r.pick([new Error("deeper"), Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "no error"])
        : undefined;
      const thrown = r.chance(6)
        ? detail
        : new Error(detail, deeper === undefined ? undefined : { cause: deeper });
      const told =
        thrown instanceof Error && deeper instanceof Error
          ? `${detail} (${deeper.code ?? deeper.message})`
          : detail;
      return {
        ...call,
        questions: [problem(call, { detail: told }, { attempts: 1, maxRetries: 0, random: 0 })],
        expected: ([said]) => outcome(call, said, 1),
        run: () => call.run({ fetch: () => Promise.reject(thrown), maxRetries: 0 }),
      };
    };
    await hold("problem", 0.02, make);
  });

  test("timeouts", async () => {
    const make = (r) => {
      const call = someCall(r);
      const timeoutMs = 1 + r.below(r.pick([10, 60_000, MAX_TIMEOUT - 1]));
      return {
        ...call,
        questions: [problem(call, { timeoutMs }, { attempts: 1, maxRetries: 2, random: 0 })],
        expected: ([said]) => outcome(call, said, 1),
        run: () =>
          withTimers(
            (callback) => queueMicrotask(callback),
            () => call.run({ fetch: () => new Promise(() => {}), maxRetries: 2, timeoutMs }),
          ),
      };
    };
    await hold("timeout", 0.005, make);
  });

  test("retries", async () => {
    let most = 0;
    const make = (r) => {
      const call = someCall(r);
      const maxRetries = r.below(5);
      const randoms = Array.from({ length: maxRetries + 1 }, () => r.below(64) / 64);
      const same = busyAnswer(r, call.options.apiKey);
      const answers = randoms.map(() => (r.chance(2) ? same : busyAnswer(r, call.options.apiKey)));
      const questions = answers.map((answer, place) =>
        received(call, answer, { attempts: place + 1, maxRetries, random: randoms[place] }),
      );
      return {
        ...call,
        questions,
        expected(said) {
          const last = said.findIndex((answer) => "reply" in answer || answer.wait === null);
          const waits = said.slice(0, last).map(({ wait }) => wait);
          return { waits, sent: last + 1, outcome: outcome(call, said[last], last + 1) };
        },
        async run() {
          const waits = [];
          let sent = 0;
          const fetch = async () => respond(answers[sent++]);
          const wait = (callback, ms) => {
            // The other timer is the deadline's.
            if (ms === MAX_TIMEOUT) return;
            waits.push(ms);
            queueMicrotask(callback);
          };
          const found = await withTimers(wait, () =>
            withRandom(
              () => randoms[sent - 1],
              () => call.run({ fetch, maxRetries, timeoutMs: MAX_TIMEOUT }),
            ),
          );
          return { waits, sent, outcome: found };
        },
        shown: { maxRetries, randoms, answers },
      };
    };
    await hold("retries", 0.03, make, ({ waits }) => (most = Math.max(most, waits.length)));
    if (CASES >= WHOLE_RUN) assert.equal(most, 4, "no call was sent as often as it may be");
  });

  test("windows of days", async () => {
    const [accepted, refused] = [new Map(), new Map()];
    const today = new Date().toISOString().slice(0, 10).split("-").toReversed().join("-");
    const day = (r, least, years) =>
      r.chance(8)
        ? r.chance(4)
          ? r.pick([5, true, [], {}, "", "é"])
          : oddDay(r, "-")
        : someDay(r, least, years).join("-");
    const make = (r) => {
      // Twenty years are a thousand calls, so most ranges are within one.
      const range = { from: day(r, 2020, 1), to: day(r, r.chance(100) ? 2022 + r.below(30) : 2020, 1) };
      if (r.chance(6)) range[r.pick(["from", "to"])] = r.chance(2) ? undefined : null;
      const options = goodOptions(r);
      const to = range.to ?? today;
      return {
        questions: [{ ask: "windows", options: judged(options), ...range, to }],
        expected: ([answer]) =>
          answer.violations === undefined ? withRange(answer, range.from ?? to, to) : answer,
        run: () => withDate(today, () => windowsOf(options, range)),
        shown: range,
      };
    };
    await hold("windows", 0.02, make, ({ violations }) =>
      count(violations === undefined ? accepted : refused, "windows"),
    );
    bothHappened(accepted, refused, "windows");
  });
});

// --- calls --------------------------------------------------------------------------------------------------------------------

/** A valid call of an operation, and what the judge is told of it. */
function someCall(r) {
  const operation = r.pick(OPERATIONS);
  const options = goodOptions(r);
  for (;;) {
    const request = goodRequest(r, operation) ?? {};
    if (!isWellFormed(request)) continue;
    const built = violationsOf(() => new Gateway(options).request(operation, request));
    // Some are wrong all the same, such as eight days apart.
    if (built.violations !== undefined) continue;
    assert.equal(built.thrown, undefined);
    const about = { id: idOf(request), method: built.method, url: built.url, time: TIME };
    const argument = operation === "transaction_status" ? (request.id ?? request) : request;
    const run = (further) =>
      outcomeOf(() => new Gateway({ ...options, ...further })[METHODS[operation]](argument));
    return { operation, options, about, run };
  }
}

/** By which id the gateway's support finds the payment. */
function idOf(request) {
  if (typeof request === "string") return request;
  const fields = request.request ?? request;
  return fields.tracking_id ?? fields.transaction_id ?? fields.id ?? "";
}

const asked = ({ operation, options, about }, { attempts, maxRetries, random: dice }) => ({
  options: judged(options),
  operation,
  about: { ...about, attempts },
  retry: { maxRetries, random: dice },
});

const problem = (call, what, how) => ({ ask: "problem", ...asked(call, how), ...what });

function received(call, answer, how) {
  const headers = [];
  respond(answer).headers.forEach((value, name) => headers.push([name.toLowerCase(), value]));
  return {
    ask: "received",
    ...asked(call, how),
    status: answer.status,
    headers: Object.fromEntries(headers),
    ...bodyOf(answer.bytes),
  };
}

function bodyOf(bytes) {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { hex: bytes.toString("hex") };
  }
}

/** A Response, or what is as good as one where a Response refuses: a status or a header that no server may send, a body where none belongs. */
function respond({ status, headers, bytes }) {
  try {
    return new Response(bytes.length === 0 ? null : bytes, { status, headers });
  } catch {
    return { status, headers: new Map(Object.entries(headers)), body: null, arrayBuffer: async () => bytes };
  }
}

/** What a call gives: its reply, or the facts of its error. */
async function outcomeOf(run) {
  try {
    return { reply: await run() };
  } catch (error) {
    if (!(error instanceof GatewayError)) return { thrown: inspect(error) };
    const { code, message, operation, status, retryable, retryAfterMs, requestId, attempts } = error;
    const report = error.supportReport().replace(/^time: .*$/m, `time: ${TIME}`);
    return {
      error: {
        code,
        class: error.class,
        message,
        operation,
        status,
        retryable,
        retryAfterMs,
        requestId,
        attempts,
        report,
      },
    };
  }
}

/** What an error can have that not every error has, and a reply. */
const FACTS =
  "gateway_refused gateway_failed unreadable_reply retryAfterMs requestId [REDACTED] [CARD] [EMAIL] … \ufffd extra cashier_url".split(
    " ",
  );

function factsOf({ reply, error }) {
  if (error === undefined) return Object.keys(reply);
  const { code, retryAfterMs, requestId, report } = error;
  const given = Object.entries({ retryAfterMs, requestId }).filter(([, value]) => value !== undefined);
  return [code, ...given.map(([name]) => name), ...FACTS.filter((fact) => report.includes(fact))];
}

/** The same of what the judge says. */
function outcome({ operation }, said, attempts) {
  if ("reply" in said)
    return {
      reply: Array.isArray(said.reply)
        ? said.reply.map((row) => split(operation, row))
        : { ...split(operation, said.reply), ...(said.address && { cashier_url: said.address }) },
    };
  const { code, message, status, retryable, retryAfterMs, requestId, supportReport } = said.error;
  return {
    error: {
      code,
      class: said.error.class,
      message,
      operation: said.error.operation,
      status,
      retryable,
      retryAfterMs,
      requestId,
      attempts,
      report: supportReport,
    },
  };
}

const HOSTED = ["token"];
const KNOWN = {
  hosted_deposit: HOSTED,
  hosted_withdrawal: HOSTED,
  direct_payment: ["url", "token", "transaction_status", "error"],
  card_payment: ["url", "transaction_status", "error"],
  reject_payout: [],
  approve_payout: ["message", "transaction_status"],
  transaction_status: ["transaction_status", "rejected_reason"],
  list_transactions:
    "transaction_id gateway_transaction_id provider_transaction_id transaction_type transaction_date status payment_provider customer_id amount currency user_amount user_currency fx_amount".split(
      " ",
    ),
};

const AMOUNTS = ["amount", "user_amount", "fx_amount"];

/** What the reference does not know goes under `extra`. */
function split(operation, given) {
  const fields = { ...given };
  // A number that is too small for JavaScript (-1e-400) is a negative zero to its JSON, and no amount to the core.
  for (const name of AMOUNTS) if (fields[name] === 0) fields[name] = 0;
  const of = (known) => Object.entries(fields).filter(([name]) => KNOWN[operation].includes(name) === known);
  const extra = of(false);
  return {
    ...Object.fromEntries(of(true)),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

// --- days ---------------------------------------------------------------------------------------------------------------------

/** The queries that a range of days becomes. */
async function windowsOf(options, range) {
  const queries = [];
  const fetch = async (url) => {
    queries.push(new URL(url).search.slice(1));
    return new Response("[]");
  };
  try {
    for await (const row of new Gateway({ ...options, fetch }).transactions(range)) assert.fail(inspect(row));
    return { windows: queries };
  } catch (error) {
    return error instanceof ValidationError
      ? { violations: plain(error.violations) }
      : { thrown: inspect(error) };
  }
}

/** What JavaScript says to a range as a whole, for which Rust has a type. */
function withRange(answer, from, to) {
  const [first, last] = [from, to].map((day) => Date.parse(day.split("-").toReversed().join("-")));
  const apart = (last - first) / 86_400_000;
  const wrong = (message) => ({ violations: [{ path: "to", code: "range", message }] });
  if (apart < 0) return wrong("ends before it starts; exchange `from` and `to`");
  if (apart > 20 * 366) return wrong("is more than 20 years after `from`; ask for less at a time");
  return answer;
}

// --- the host's clock and dice, for the time of a call ----------------------------------------------------------------------------

async function withStandIn(object, name, standIn, run) {
  const own = object[name];
  object[name] = standIn;
  try {
    return await run();
  } finally {
    object[name] = own;
  }
}

const withTimers = (setTimer, run) => withStandIn(globalThis, "setTimeout", setTimer, run);
const withRandom = (dice, run) => withStandIn(Math, "random", dice, run);
/** Lets the day not end in the middle of a call. */
const withDate = (today, run) =>
  withStandIn(Date, "now", () => Date.parse(today.split("-").toReversed().join("-")) + 1, run);
