import * as main from "edge-cashier";
import * as launcher from "edge-cashier/launcher";
import * as webhook from "edge-cashier/webhook";
import { runChecks } from "../../../checks.mjs";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

export async function GET(request) {
  const gatewayUrl = new URL(request.url).searchParams.get("gateway");
  return Response.json(await runChecks({ main, webhook, launcher }, { gatewayUrl }));
}
