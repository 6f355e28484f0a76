// The launcher's types, in a project that has a browser's. Compiled, never run.
import { awaitResult, openCashier } from "edge-cashier/launcher";

export async function launch(endpoint: string, ticket: string, tracking_id: string): Promise<string> {
  await openCashier({ endpoint, ticket });
  await openCashier({ endpoint, ticket, mode: "popup", theme: "dark", timeoutMs: 1000 });
  // @ts-expect-error not a mode
  await openCashier({ endpoint, ticket, mode: "carrier pigeon" });
  // @ts-expect-error the ticket holds who pays what
  await openCashier({ endpoint });
  const { state } = await awaitResult({ endpoint, ticket, tracking_id });
  const text: string = state;
  return text;
}
