import { Gateway, type OperationName, ValidationError } from "../index.js";
import { EXIT, type ExitCode, Failure, usage } from "./failure.js";
import { readBytes } from "./input.js";
import { COMMON, parse } from "./options.js";
import { complain, print, printJson } from "./output.js";

const REDACTED = "[REDACTED]";

const OPERATIONS: readonly OperationName[] = [
  "hosted_deposit",
  "hosted_withdrawal",
  "direct_payment",
  "card_payment",
  "reject_payout",
  "approve_payout",
  "transaction_status",
  "list_transactions",
];

const OPTIONS = {
  ...COMMON,
  "base-url": { type: "string" },
  routes: { type: "string" },
  "api-key-env": { type: "string" },
  "show-key": { type: "boolean" },
  "show-card": { type: "boolean" },
} as const;

/** A request as it is printed: the gateway's, less what must not stand on a screen. */
interface Printed {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

export async function request(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parse("request", args, OPTIONS);
  const [name, file, ...more] = positionals;
  const operation = OPERATIONS.find((known) => known === name?.replaceAll("-", "_"));
  if (!operation || more.length > 0) {
    throw usage(
      `name one operation, and at most one file after it. The operations are ${OPERATIONS.join(", ")}`,
    );
  }
  const apiKey = keyFrom(values["api-key-env"]);
  if (values["show-key"] && apiKey === undefined) {
    throw usage(
      "--show-key: there is no API key to show: set EDGE_CASHIER_API_KEY, or name a variable with --api-key-env",
    );
  }
  const baseUrl = values["base-url"] ?? process.env.EDGE_CASHIER_BASE_URL;
  if (!baseUrl)
    throw usage(
      "no base URL: give --base-url, or set EDGE_CASHIER_BASE_URL, as the merchant portal shows it",
    );
  const routes =
    values.routes === undefined ? undefined : json(await readBytes(values.routes, "routes"), "the routes");
  const gateway = open({ apiKey: apiKey ?? REDACTED, baseUrl, routes });
  const value = needsNothing(operation, file) ? {} : json(await readBytes(file, "request"), "the request");
  try {
    const built = gateway.request(operation, value as never);
    const shown = hide(built, {
      key: !values["show-key"],
      card: !values["show-card"] && operation === "card_payment",
    });
    if (values.json) printJson(shown);
    else print(asHttp(shown));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    if (values.json) printJson({ code: error.code, violations: error.violations });
    else complain(`the request is not valid\n${list(error)}`);
    return EXIT.refused;
  }
}

/** `list_transactions` without dates is a whole request, so a terminal need not type `{}`. */
function needsNothing(operation: OperationName, file: string | undefined): boolean {
  return operation === "list_transactions" && file === undefined && process.stdin.isTTY;
}

function keyFrom(variable: string | undefined): string | undefined {
  const key = process.env[variable ?? "EDGE_CASHIER_API_KEY"];
  if (variable !== undefined && !key) {
    // The name is not repeated: whoever confuses the two has typed the key.
    throw usage(
      "--api-key-env takes the name of an environment variable, and the one it names is not set or empty",
    );
  }
  return key || undefined;
}

function open(options: { apiKey: string; baseUrl: string; routes: unknown }): Gateway {
  try {
    const { routes, ...rest } = options;
    return new Gateway(routes === undefined ? rest : { ...rest, routes: routes as never });
  } catch (error) {
    if (error instanceof ValidationError) throw usage(`the options are not valid\n${list(error)}`);
    throw error;
  }
}

function list(error: ValidationError): string {
  return error.violations.map(({ path, message }) => `  ${path ? `${path}: ` : ""}${message}`).join("\n");
}

function json(bytes: Uint8Array, what: string): unknown {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // V8's own message quotes the text, which may hold a card number.
    throw new Failure(EXIT.refused, `${what} is not JSON: check quotes, commas and brackets`);
  }
  refuseRounding(text);
  return value;
}

/** A string of a JSON text, with the number after it where it is a field's name; or a number that stands alone. */
const STRING_OR_NUMBER = /("(?:[^"\\]|\\.)*")(?:\s*:\s*(-?\d[\d.eE+-]*))?|(-?\d[\d.eE+-]*)/g;

/** The request that is printed would have another amount than the file, where a number has more digits than JavaScript keeps. */
function refuseRounding(text: string): void {
  for (const [, name, field, alone] of text.matchAll(STRING_OR_NUMBER)) {
    const digits = (field ?? alone ?? "").replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
    if (digits.length > 15) {
      const where = field === undefined ? "a list" : name;
      const message = `the number in ${where} has more digits than a JavaScript number keeps: write it in quotes`;
      throw new Failure(EXIT.refused, message);
    }
  }
}

function hide(built: ReturnType<Gateway["request"]>, what: { key: boolean; card: boolean }): Printed {
  const headers = { ...built.headers };
  if (what.key && "x-api-key" in headers) headers["x-api-key"] = REDACTED;
  const body = built.body || null;
  return {
    method: built.method,
    url: built.url,
    headers,
    body: body && what.card ? withoutCard(body) : body,
  };
}

/** Replaced in the text, not through a parser: every other digit of the body stays as it is sent. */
function withoutCard(body: string): string {
  return body.replace(/("(?:card_number|cvc)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[^,}\s]+)/g, `$1"${REDACTED}"`);
}

function asHttp({ method, url, headers, body }: Printed): string {
  const lines = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return body === null ? lines.join("\n") : [...lines, "", body].join("\n");
}
