import { Webhook, WebhookVerificationError } from "../index.js";
import { EXIT, type ExitCode } from "./failure.js";
import { readBytes, readPassword } from "./input.js";
import { atMostOne, COMMON, PASSWORD_ENV, parse } from "./options.js";
import { complain, print, printJson } from "./output.js";

export async function sign(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parse("sign", args, { ...COMMON, ...PASSWORD_ENV });
  const file = atMostOne("sign", positionals, "file");
  const webhook = new Webhook(await readPassword(values["password-env"]));
  const body = await readBytes(file, "webhook body");
  try {
    const signature = webhook.sign(body);
    if (values.json) printJson({ signature });
    else print(signature);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    if (values.json) printJson({ code: error.code, message: error.message });
    else complain(`cannot be signed (${error.code}): ${error.message}`);
    return EXIT.refused;
  }
}
