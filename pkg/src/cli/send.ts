import { Webhook } from "../index.js";
import {
  newSeed,
  newTrackingId,
  newTransactionId,
  repeated,
  type Sample,
  shuffled,
  webhookBody,
  withSecondState,
} from "./deliveries.js";
import { EXIT, type ExitCode, systemCode, usage } from "./failure.js";
import { readPassword } from "./input.js";
import { atMostOne, COMMON, PASSWORD_ENV, parse } from "./options.js";
import { print, printable, printJson, USER_AGENT } from "./output.js";

/** What came back for one webhook: an HTTP status, or the reason why none did. */
interface Delivery {
  status: string;
  body: string;
  signature: string;
  answer?: number;
  detail?: string;
  milliseconds: number;
}

/** Enough of a refusal to recognise it; a receiver may answer with a whole page. */
const DETAIL_BYTES = 200;

const OPTIONS = {
  ...COMMON,
  ...PASSWORD_ENV,
  status: { type: "string", multiple: true },
  type: { type: "string", default: "deposit" },
  amount: { type: "string", default: "200.00" },
  currency: { type: "string", default: "EUR" },
  "tracking-id": { type: "string" },
  "transaction-id": { type: "string" },
  "user-id": { type: "string", default: "sample-user" },
  count: { type: "string", default: "1" },
  shuffle: { type: "boolean" },
  seed: { type: "string" },
  timeout: { type: "string", default: "10" },
} as const;

export async function send(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parse("send", args, OPTIONS);
  const url = receiver(atMostOne("send", positionals, "URL"));
  const sample: Sample = {
    transaction_id: values["transaction-id"] ?? newTransactionId(),
    user_id: values["user-id"],
    tracking_id: values["tracking-id"] ?? newTrackingId(),
    currency: values.currency,
    amount: decimal(values.amount),
    transaction_type: values.type,
  };
  const count = whole("--count", values.count, 1, 1000);
  const timeout = whole("--timeout", values.timeout, 1, 600) * 1000;
  if (values.seed !== undefined && !values.shuffle)
    throw usage("--seed repeats an order: give --shuffle with it");
  const seed = values.seed === undefined ? newSeed() : whole("--seed", values.seed, 0, 2 ** 32 - 1);
  const named = values.status ?? ["successful"];
  const inOrder = repeated(values.shuffle ? withSecondState(named) : named, count);
  const statuses = values.shuffle ? shuffled(inOrder, seed) : inOrder;
  const webhook = new Webhook(await readPassword(values["password-env"]));

  if (!values.json) {
    print(`transaction ${printable(sample.transaction_id)}, tracking id ${printable(sample.tracking_id)}`);
    if (values.shuffle) print(`shuffled by --seed ${seed}`);
  }
  const deliveries: Delivery[] = [];
  for (const status of statuses) {
    const body = webhookBody(sample, status);
    const delivery = await deliver(url, status, body, webhook.sign(body), timeout);
    deliveries.push(delivery);
    if (!values.json) print(line(deliveries.length, delivery));
  }
  if (values.json) {
    const { transaction_id, tracking_id } = sample;
    printJson({
      url: url.href,
      transaction_id,
      tracking_id,
      ...(values.shuffle ? { seed } : {}),
      deliveries,
    });
  }
  if (deliveries.some(({ answer }) => answer === undefined)) return EXIT.unreachable;
  return deliveries.every(accepted) ? EXIT.ok : EXIT.refused;
}

function accepted({ answer }: Delivery): boolean {
  return answer !== undefined && answer >= 200 && answer <= 299;
}

async function deliver(
  url: URL,
  status: string,
  body: string,
  signature: string,
  timeout: number,
): Promise<Delivery> {
  const start = performance.now();
  const sent = { status, body, signature };
  const took = () => Math.round(performance.now() - start);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-signature": signature, "user-agent": USER_AGENT },
      body,
      // The gateway is not known to follow a redirect, so a receiver that needs one is shown as it is.
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    const milliseconds = took();
    const detail = response.ok ? await discard(response) : await excerpt(response);
    return { ...sent, answer: response.status, ...(detail ? { detail } : {}), milliseconds };
  } catch (error) {
    return { ...sent, detail: reason(error, timeout), milliseconds: took() };
  }
}

async function discard(response: Response): Promise<undefined> {
  await response.body?.cancel().catch(() => undefined);
}

/** The beginning of the answer's body. The status is known already, so a body that breaks off is no failure. */
async function excerpt(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= DETAIL_BYTES) break;
    }
  } catch {
    text += " (the answer broke off)";
  }
  const location = response.headers.get("location");
  const redirect = location ? `redirects to ${location}: send to that address; ` : "";
  return printable(`${redirect}${text.trim()}`.slice(0, DETAIL_BYTES));
}

function reason(error: unknown, timeout: number): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${timeout / 1000} s: answer first and do the work afterwards, or raise --timeout`;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = systemCode(cause) ?? systemCode(error) ?? "the connection broke";
  const remedies: Record<string, string> = {
    ECONNREFUSED: "nothing listens there: start the receiver, or correct the port",
    ENOTFOUND: "there is no such host: correct the URL",
    ECONNRESET: "the receiver closed the connection without an answer: look at its log",
    UND_ERR_SOCKET: "the receiver closed the connection without an answer: look at its log",
  };
  const remedy = remedies[code] ?? "check that the URL can be reached from this machine";
  return `${code}: ${remedy}`;
}

function line(number: number, { status, answer, detail, milliseconds }: Delivery): string {
  const outcome = answer === undefined ? "not reached" : `${answer}`;
  return [
    `${number}. ${printable(status)} -> ${outcome} (${milliseconds} ms)`,
    ...(detail ? [`   ${detail}`] : []),
  ].join("\n");
}

function receiver(text: string | undefined): URL {
  if (text === undefined)
    throw usage("no URL: give the address of the receiver, for example http://localhost:3000/webhooks");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw usage("the URL must begin with http:// or https://, for example http://localhost:3000/webhooks");
  }
  if (url.username || url.password) throw usage("the URL holds a user name or password: leave it out");
  return url;
}

function decimal(text: string): string {
  if (!/^\d{1,30}(\.\d{1,30})?$/.test(text)) throw usage("--amount must be a decimal such as 200.00");
  return text;
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw usage(`${option} must be a whole number from ${least} to ${most}`);
  return value;
}
