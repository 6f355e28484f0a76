import * as main from "edge-cashier";
import * as launcher from "edge-cashier/launcher";
import * as webhook from "edge-cashier/webhook";
import { body, password, runChecks, signature } from "./checks.mjs";

// Outside any request too: Workers set up their verifiers there.
const atStart = new main.Webhook(password).verify(body, signature);

export default {
  async fetch(request) {
    const results = await runChecks(
      { main, webhook, launcher },
      { gatewayUrl: new URL(request.url).searchParams.get("gateway") },
    );
    return Response.json({ atStart: atStart.transaction_id, results });
  },
};
