import { operationNames, requestOfText } from "../core.js";
import { Gateway, type OperationName, ValidationError } from "../index.js";
import { EXIT, type ExitCode, Failure, usage } from "./failure.js";
import { readBytes } from "./input.js";
import { COMMON, parse } from "./options.js";
import { complain, print, printJson } from "./output.js";

const REDACTED = "[REDACTED]";

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
  const operations = operationNames();
  const operation = operations.find((known) => known === name?.replaceAll("-", "_"));
  if (!operation || more.length > 0) {
    throw usage(
      `name one operation, and at most one file after it. The operations are ${operations.join(", ")}`,
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
    values.routes === undefined ? undefined : json(text(await readBytes(values.routes, "routes")));
  const gateway = open({ apiKey: apiKey ?? REDACTED, baseUrl, routes });
  const document = needsNothing(operation, file) ? "{}" : text(await readBytes(file, "request"));
  try {
    const built = requestOfText(gateway, operation, document);
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

/** UTF-8, less a byte order mark. */
function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(EXIT.refused, "the routes are not JSON: check quotes, commas and brackets");
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
