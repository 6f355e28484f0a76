import { type Webhook, WebhookVerificationError } from "../index.js";
import { EXIT, type ExitCode, usage } from "./failure.js";
import { readBytes, readCandidates, readWebhook } from "./input.js";
import { atMostOne, CANDIDATE_ENV, COMMON, PASSWORD_ENV, parse } from "./options.js";
import { print, printJson, table } from "./output.js";

export async function explain(args: string[]): Promise<ExitCode> {
  const options = { ...COMMON, ...PASSWORD_ENV, signature: { type: "string" }, ...CANDIDATE_ENV } as const;
  const { values, positionals } = parse("explain", args, options);
  const file = atMostOne("explain", positionals, "file");
  if (values.signature === undefined)
    throw usage("--signature is missing: give the value of the x-signature header");
  const webhook = await readWebhook(values["password-env"]);
  const candidates = readCandidates(values["candidate-env"]);
  const body = await readBytes(file, "webhook body");
  const { verdict, reason, hint } = webhook.explain(body, values.signature, { candidates });
  if (values.json) printJson({ verdict, reason, hint });
  else {
    const rows: [string, string][] = [["verdict", verdict]];
    if (reason) rows.push(["reason", reason]);
    if (hint) rows.push(["hint", hint]);
    print(table(rows).replace(/^ {2}/gm, ""));
  }
  return verifies(webhook, body, values.signature) ? EXIT.ok : EXIT.refused;
}

/** The exit code follows the check itself, not the words about it. */
function verifies(webhook: Webhook, body: Uint8Array, signature: string): boolean {
  try {
    webhook.verify(body, signature);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
