// What states and steps are called on this page. A state that is not known here is shown as the gateway wrote it.
import type { PaymentState, TimelineEntry } from "edge-cashier/launcher";
import type { IconName } from "./dom.js";
import type { Delivery, Kind } from "./shop.js";

/** `plain` is for what merely happened. */
export type Tone = "wait" | "good" | "bad" | "warn" | "plain";

export interface StateWords {
  readonly title: string;
  readonly lead: string;
  readonly badge: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const ORDERS = {
  deposit: { title: "Add money", preposition: "To", button: "Deposit" },
  withdrawal: { title: "Withdraw money", preposition: "From", button: "Withdraw" },
} as const;

/** The form's words. */
export const orderWords = (kind: Kind) => ORDERS[kind];

type States = Readonly<Record<string, StateWords>>;

const BOTH: States = {
  opened: {
    title: "Waiting for the cashier",
    lead: "No signed webhook has come yet. This page changes by itself when one does.",
    badge: "Opened",
    tone: "wait",
    icon: "clock",
  },
  conflict: {
    title: "We are looking into it",
    lead: "The gateway reported two different endings. Nothing is counted until a person has looked.",
    badge: "Conflict",
    tone: "warn",
    icon: "alert",
  },
};

const STATES: Readonly<Record<Kind, States>> = {
  deposit: {
    ...BOTH,
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
  },
  withdrawal: {
    ...BOTH,
    pending: {
      title: "Withdrawal requested",
      lead: "The shop has to approve it. You can leave this page: the outcome does not depend on it.",
      badge: "Pending",
      tone: "wait",
      icon: "clock",
    },
    successful: {
      title: "Withdrawal paid",
      lead: "A signed webhook was verified at the edge: the money is on its way to you.",
      badge: "Paid",
      tone: "good",
      icon: "check",
    },
    rejected: {
      title: "Withdrawal rejected",
      lead: "Nothing was paid out, and the money stays in your wallet.",
      badge: "Rejected",
      tone: "bad",
      icon: "cross",
    },
  },
};

export function stateWords(state: string, kind: Kind): StateWords {
  return (
    STATES[kind][state] ?? {
      title: `Payment ${state}`,
      lead: "The gateway names a state that this page does not know.",
      badge: state,
      tone: "wait",
      icon: "clock",
    }
  );
}

/** Whether a payout waits for the merchant: from the webhook that reports it until it is known what the gateway did with the decision. */
export const awaitsDecision = ({ operation, state, payout }: PaymentState): boolean =>
  operation === "hosted_withdrawal" && state === "pending" && (payout === undefined || payout === "unknown");

/** What is said of a withdrawal that the merchant has decided on and the gateway has not ended. */
export const DECISIONS = {
  approved: "The shop has approved it, and the gateway is paying.",
  rejected: "The shop has rejected it, and the gateway's webhook is awaited.",
} as const;

/** The decision on a payout that the gateway has taken and not ended yet. */
export const decisionOf = ({ state, payout }: PaymentState): string | undefined =>
  state === "pending" && payout && payout !== "unknown" ? DECISIONS[payout] : undefined;

/** The place of an attempt, from 0. */
export const attemptWords = (place: number) => `Attempt ${place + 1}`;

/** Which of several attempts this is; nothing when there is one. */
export function attemptOf({ attempts = [] }: PaymentState, transaction_id: string): string | undefined {
  const place = attempts.findIndex((attempt) => attempt.transaction_id === transaction_id);
  return place >= 0 && attempts.length > 1 ? attemptWords(place) : undefined;
}

export interface StepWords {
  readonly title: string;
  readonly detail: string;
  readonly tone: Tone;
}

export const LOCAL_STEPS: Readonly<Record<"cashier_opened" | "cashier_left", StepWords>> = {
  cashier_opened: { title: "You went to the cashier", detail: "Seen by this browser.", tone: "plain" },
  cashier_left: {
    title: "You came back",
    detail: "Seen by this browser. It proves nothing about the payment.",
    tone: "plain",
  },
};

const NEXT = { detail: "This page changes by itself.", tone: "wait" } as const;

/** What a payment waits for: a payout for the merchant first. */
export const nextStep = (state: PaymentState): StepWords =>
  awaitsDecision(state)
    ? { title: "Waiting for the shop's decision", ...NEXT }
    : { title: "Waiting for the gateway's webhook", ...NEXT };

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
export function stepWords({ event, status, outcome, detail }: TimelineEntry, kind: Kind): StepWords {
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
        detail: detail ?? "The gateway gave a token; its key stayed in the Worker.",
        tone: detail ? "warn" : "good",
      };
    case "webhook": {
      const known = OUTCOMES[outcome ?? "first"];
      const reported = status ? `The gateway says ${status}. ` : "";
      const tone = known?.tone === "good" ? stateWords(status ?? "", kind).tone : (known?.tone ?? "wait");
      const copies = detail ? ` It was ${detail}.` : "";
      return {
        title: known?.title ?? `Webhook ${outcome}`,
        detail: reported + (known?.note ?? "") + copies,
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

const times = (count: number) => (count === 1 ? "once" : `${count} times`);

/** A message that has come to the shop, as a step. */
export function deliveryStep({ type, accepted_at, refused }: Delivery): StepWords {
  if (accepted_at === null)
    return {
      title: "The shop's endpoint failed",
      detail: `${type} was refused ${times(refused)}; the Worker tries again under the same id.`,
      tone: "warn",
    };
  const before = refused > 0 ? ` It had failed ${times(refused)} before.` : "";
  return { title: "Delivered to the shop", detail: `${type}, signature verified.${before}`, tone: "plain" };
}

/** How often a message came, for the merchant. */
export function deliveryCounts({ accepted_at, tries, refused }: Delivery): string {
  const failed = refused > 0 ? `endpoint failed ${times(refused)}` : "";
  const repeated = tries - refused - (accepted_at === null ? 0 : 1);
  const again = repeated > 0 ? `repeated ${times(repeated)}, ignored` : "";
  const taken = accepted_at === null ? "not taken yet" : "taken once";
  return [taken, failed, again].filter(Boolean).join(" · ");
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A time of day, or nothing when it cannot be read. */
export function timeOfDay(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : clock.format(time);
}
