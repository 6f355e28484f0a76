// What states and steps are called on this page. A state that is not known here is shown as the gateway wrote it.
import type { TimelineEntry } from "edge-cashier/launcher";
import type { IconName } from "./dom.js";

/** `plain` is for what merely happened. */
export type Tone = "wait" | "good" | "bad" | "warn" | "plain";

export interface StateWords {
  readonly title: string;
  readonly lead: string;
  readonly badge: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const STATES: Readonly<Record<string, StateWords>> = {
  opened: {
    title: "Waiting for the cashier",
    lead: "No signed webhook has come yet. This page changes by itself when one does.",
    badge: "Opened",
    tone: "wait",
    icon: "clock",
  },
  pending: {
    title: "Payment pending",
    lead: "The provider is still at work. You can leave this page: the outcome does not depend on it.",
    badge: "Pending",
    tone: "wait",
    icon: "clock",
  },
  successful: {
    title: "Deposit successful",
    lead: "A signed webhook was verified at the edge: the money is in your wallet.",
    badge: "Successful",
    tone: "good",
    icon: "check",
  },
  rejected: {
    title: "Deposit rejected",
    lead: "The cashier declined this payment. Nothing was charged.",
    badge: "Rejected",
    tone: "bad",
    icon: "cross",
  },
  conflict: {
    title: "We are looking into it",
    lead: "The gateway told two different endings. Nothing is counted until a person has looked.",
    badge: "Conflict",
    tone: "warn",
    icon: "alert",
  },
};

export function stateWords(state: string): StateWords {
  return (
    STATES[state] ?? {
      title: `Payment ${state}`,
      lead: "The gateway names a state that this page does not know.",
      badge: state,
      tone: "wait",
      icon: "clock",
    }
  );
}

export interface StepWords {
  readonly title: string;
  readonly detail: string;
  readonly tone: Tone;
}

const OUTCOMES: Readonly<Record<string, Omit<StepWords, "detail"> & { readonly note: string }>> = {
  first: { title: "Webhook verified", note: "Signature checked at the edge, recorded once.", tone: "good" },
  duplicate: { title: "Webhook repeated", note: "The same event again: nothing changed.", tone: "wait" },
  stale: {
    title: "Webhook out of date",
    note: "An older state after a final one: kept, nothing changed.",
    tone: "wait",
  },
  conflict: {
    title: "Webhook contradicts",
    note: "Genuine, but not what was ordered: kept aside.",
    tone: "warn",
  },
};

/** One step of the Worker's timeline. */
export function stepWords({ event, status, outcome, detail }: TimelineEntry): StepWords {
  switch (event) {
    case "ticket":
      return {
        title: "Ticket accepted",
        detail: "Signed by the shop: customer, amount, currency.",
        tone: "good",
      };
    case "session":
      return {
        title: "Cashier opened at the edge",
        detail: "The gateway gave a token; its key stayed in the Worker.",
        tone: "good",
      };
    case "webhook": {
      const known = OUTCOMES[outcome ?? "first"];
      const told = status ? `The gateway says ${status}. ` : "";
      const tone = known?.tone === "good" ? stateWords(status ?? "").tone : (known?.tone ?? "wait");
      return {
        title: known?.title ?? `Webhook ${outcome}`,
        detail: told + (known?.note ?? detail ?? ""),
        tone,
      };
    }
    default:
      return {
        title: event.replace(/_/g, " "),
        detail: [status, outcome, detail].filter(Boolean).join(" · "),
        tone: "wait",
      };
  }
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A time of day, or nothing when it cannot be read. */
export function timeOfDay(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : clock.format(time);
}
