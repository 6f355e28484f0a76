// What became of a payment's webhooks, counted at each station on the way from the gateway to the shop.
import type { PaymentState } from "edge-cashier/launcher";
import type { Delivery, Sent } from "./shop.js";
import type { Tone } from "./words.js";

export interface Counts {
  /** One figure for each station. */
  readonly stations: readonly { readonly name: string; readonly figure: number; readonly note: string }[];
  readonly verdict: string;
  readonly tone: Tone;
  /** Whether the gateway has something to send again that it does not send by itself. */
  readonly resendable: boolean;
}

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** Counts; every figure is of somebody else than the one before, so that a loss between two of them shows. */
export function count(state: PaymentState, sent: Sent, deliveries: readonly Delivery[]): Counts {
  const webhooks = state.timeline.filter(({ event }) => event === "webhook");
  // A stale one changes nothing, so there is nothing to deliver.
  const changes = webhooks.filter(({ outcome }) => outcome === "first" || outcome === "conflict").length;
  const taken = deliveries.filter(({ accepted_at }) => accepted_at !== null).length;
  const tries = deliveries.reduce((sum, delivery) => sum + delivery.tries, 0);
  const stations = [
    { name: "Sent", figure: sent.sends, note: `for ${plural(sent.events, "event")}` },
    { name: "Answered", figure: sent.answered, note: "2xx by the Worker" },
    { name: "Recorded", figure: webhooks.length, note: "each event once" },
    { name: "Delivered", figure: taken, note: `in ${plural(tries, "try", "tries")}` },
  ];
  return { stations, ...judge(sent, webhooks.length, changes, taken) };
}

function judge(sent: Sent, recorded: number, changes: number, taken: number): Omit<Counts, "stations"> {
  if (sent.events === 0)
    return { verdict: "The gateway has nothing to report yet.", tone: "plain", resendable: false };
  if (sent.unanswered > 0 && sent.refused > 0)
    return {
      verdict: "The Worker refuses a signature that is not made with its password, and records nothing.",
      tone: "bad",
      resendable: true,
    };
  if (sent.unanswered > 0 && sent.waiting === 0)
    return {
      verdict: `${plural(sent.unanswered, "event")} got lost before it was sent. The Worker's hourly comparison with the gateway's list would find it.`,
      tone: "warn",
      resendable: true,
    };
  if (recorded < sent.events)
    return { verdict: "Webhooks are on their way.", tone: "wait", resendable: false };
  if (taken < changes)
    return {
      verdict: "Everything is recorded. The Worker tries the shop until it answers 2xx.",
      tone: "wait",
      resendable: false,
    };
  const late =
    recorded > changes ? ` ${plural(recorded - changes, "event")} came too late to change anything.` : "";
  return {
    verdict: `Nothing lost, nothing twice: ${plural(changes, "change")} recorded once and delivered once.${late}`,
    tone: "good",
    resendable: false,
  };
}
