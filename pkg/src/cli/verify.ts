import { WebhookVerificationError } from "../index.js";
import { EXIT, type ExitCode, usage } from "./failure.js";
import { readBytes, readWebhook } from "./input.js";
import { atMostOne, COMMON, PASSWORD_ENV, parse } from "./options.js";
import { complain, print, printJson, table } from "./output.js";

export async function verify(args: string[]): Promise<ExitCode> {
  const options = { ...COMMON, ...PASSWORD_ENV, signature: { type: "string" } } as const;
  const { values, positionals } = parse("verify", args, options);
  const file = atMostOne("verify", positionals, "file");
  if (values.signature === undefined)
    throw usage("--signature is missing: give the value of the x-signature header");
  const webhook = await readWebhook(values["password-env"]);
  const body = await readBytes(file, "webhook body");
  try {
    const event = webhook.verify(body, values.signature);
    if (values.json) printJson({ verified: true, event });
    else print(`genuine\n${table(Object.entries(event).map(([name, value]) => [name, asText(value)]))}`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    if (values.json) printJson({ verified: false, code: error.code, message: error.message });
    else {
      const more = error.code === "signature_mismatch" ? '\n"edge-cashier explain" looks for the cause.' : "";
      complain(`not genuine (${error.code}): ${error.message}${more}`);
    }
    return EXIT.refused;
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
