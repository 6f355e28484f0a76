// The steps of a payment in their order: the Worker's, this browser's and the shop's.
import type { PaymentState } from "edge-cashier/launcher";
import { byId, make } from "./dom.js";
import type { Delivery, Kind } from "./shop.js";
import type { LocalStep } from "./store.js";
import {
  attemptOf,
  deliveryStep,
  LOCAL_STEPS,
  nextStep,
  type StepWords,
  stepWords,
  timeOfDay,
} from "./words.js";

interface Step {
  readonly at: string;
  readonly words: StepWords;
  /** Whose step it is; another dot in the margin. */
  readonly by?: "shop";
  /** The gateway's id of the attempt that it is about. */
  readonly attempt?: string | undefined;
}

/** Draws all steps that are known. */
export function drawTimeline(
  state: PaymentState,
  kind: Kind,
  local: readonly LocalStep[],
  deliveries: readonly Delivery[],
): void {
  const opens = ({ event }: { readonly event: string }) => event === "ticket" || event === "session";
  const opening = state.timeline.filter(opens);
  const later: Step[] = [
    ...local.map(({ at, what }) => ({ at, words: LOCAL_STEPS[what] })),
    ...state.timeline
      .filter((entry) => !opens(entry))
      .map((entry) => ({ at: entry.at, words: stepWords(entry, kind), attempt: entry.transaction_id })),
    ...deliveries.map((delivery) => ({
      at: delivery.accepted_at ?? delivery.first_at,
      words: deliveryStep(delivery),
      by: "shop" as const,
      attempt: delivery.transaction_id,
    })),
  ];
  // The opening comes first whatever this device's clock says; the rest by time.
  later.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const steps = opening.map((entry): Step => ({ at: entry.at, words: stepWords(entry, kind) }));
  const rows = [...steps, ...later].map(({ at, words, by, attempt }) => {
    const name = attempt && attemptOf(state, attempt);
    return row(at, name ? { ...words, detail: `${name}. ${words.detail}` } : words, by);
  });
  if (!state.settled) rows.push(row("", nextStep(state), "next"));
  byId("timeline", HTMLOListElement).replaceChildren(...rows);
}

function row(at: string, words: StepWords, kind = ""): HTMLLIElement {
  const time = timeOfDay(at);
  return make(
    "li",
    { class: `${words.tone} ${kind}`.trim() },
    make("span", { class: "step-title" }, words.title),
    ...(time ? [make("time", { datetime: at }, time)] : []),
    make("span", { class: "step-detail" }, words.detail),
  );
}
