// The launcher's types, in a project that has a browser's. Compiled, never run.
import { awaitResult, openCashier } from "edge-cashier/launcher";

export async function launch(endpoint: string, ticket: string, tracking_id: string): Promise<string> {
  await openCashier({ endpoint, ticket });
  await openCashier({ endpoint, ticket, mode: "popup", theme: "dark", timeoutMs: 1000 });
  const fetchTicket = async () => ticket;
  await openCashier({
    endpoint,
    ticket: fetchTicket,
    mode: "iframe",
    minHeight: 400,
    turnstileToken: "token",
  });
  const cashier = await openCashier({
    endpoint,
    ticket: fetchTicket(),
    onEvent(event) {
      if (event.type === "blocked" || event.type === "fallback") console.log(event.reason);
      if (event.type === "resized") console.log(event.height.toFixed());
      if (event.type === "settled") console.log(event.result.state);
      // @ts-expect-error an event of earlier builds
      if (event.type === "timeout") return;
    },
  });
  const outcome = await cashier.result({ timeoutMs: 1000, onState: ({ state }) => console.log(state) });
  // @ts-expect-error a cashier asks about its own payment
  await cashier.result({ tracking_id });
  if (!outcome.settled) console.log(outcome.timed_out);
  // @ts-expect-error an unknown option
  await openCashier({ endpoint, ticket, modus: "popup" });
  // @ts-expect-error not a mode
  await openCashier({ endpoint, ticket, mode: "carrier pigeon" });
  // @ts-expect-error the ticket holds who pays what
  await openCashier({ endpoint });
  const { state } = await awaitResult({ endpoint, ticket, tracking_id });
  const text: string = state;
  return text;
}
