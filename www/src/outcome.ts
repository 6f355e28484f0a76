// The head of a payment: how it stands, over how much, in which attempts.
import type { PaymentState } from "edge-cashier/launcher";
import { byId, icon, make } from "./dom.js";
import { money } from "./money.js";
import type { Kind } from "./shop.js";
import type { Payment } from "./store.js";
import { attemptWords, decisionOf, type StateWords, stateWords } from "./words.js";

/** What is known before the Worker has answered. */
export function drawAsking(payment: Payment): void {
  delete byId("payment", HTMLElement).dataset.state;
  byId("payment-title", HTMLHeadingElement).textContent = "Asking for the payment…";
  byId("payment-lead", HTMLParagraphElement).textContent =
    "Only the signed webhook counts, so we ask the edge.";
  byId("payment-amount", HTMLParagraphElement).textContent = money(payment.amount, payment.currency);
  seal({ tone: "wait", icon: "clock" });
  byId("payment-warning", HTMLParagraphElement).hidden = true;
  byId("payment-reopen", HTMLButtonElement).hidden = true;
  byId("payment-refresh", HTMLButtonElement).hidden = true;
  // Nobody is asked to pay again before it is known what became of this payment.
  byId("payment-again", HTMLButtonElement).hidden = true;
  byId("attempts", HTMLElement).hidden = true;
  byId("timeline", HTMLOListElement).replaceChildren();
  byId("facts", HTMLDListElement).replaceChildren();
}

/** The Worker could not be asked: the problem beside it says why, and what to do. */
export function drawUnknown(): void {
  byId("payment-title", HTMLHeadingElement).textContent = "State not known";
  byId("payment-lead", HTMLParagraphElement).textContent = "The payment may have been made.";
  seal({ tone: "warn", icon: "alert" });
}

/** Draws the head, and gives its words. */
export function drawOutcome(state: PaymentState, kind: Kind): StateWords {
  const known = stateWords(state.state, kind);
  const words = { ...known, lead: decisionOf(state) ?? known.lead };
  byId("payment", HTMLElement).dataset.state = state.state;
  byId("payment-title", HTMLHeadingElement).textContent = words.title;
  byId("payment-lead", HTMLParagraphElement).textContent = words.lead;
  byId("payment-amount", HTMLParagraphElement).textContent = money(state.amount, state.currency);
  seal(words);
  const warning = byId("payment-warning", HTMLParagraphElement);
  warning.hidden = !state.has_conflict;
  warning.textContent = state.has_conflict
    ? "A genuine webhook reported something other than what was ordered. It was kept aside for a person to look at, and is not counted as paid."
    : "";
  byId("payment-reopen", HTMLButtonElement).hidden = state.state !== "opened";
  byId("payment-again", HTMLButtonElement).hidden = false;
  drawAttempts(state, kind);
  drawFacts(state);
  return words;
}

function seal({ tone, icon: name }: Pick<StateWords, "tone" | "icon">): void {
  const shown = byId("payment-icon", HTMLSpanElement);
  shown.className = `seal ${tone}`;
  shown.replaceChildren(icon(name));
}

/** One attempt is the payment itself; several are a declined card, then another. */
function drawAttempts({ attempts = [] }: PaymentState, kind: Kind): void {
  byId("attempts", HTMLElement).hidden = attempts.length < 2;
  const rows = attempts.map(({ transaction_id, state }, place) => {
    const words = stateWords(state, kind);
    return make(
      "li",
      {},
      make("span", { class: "attempt-place" }, attemptWords(place)),
      make("code", {}, transaction_id),
      make("span", { class: `badge ${words.tone}` }, words.badge),
    );
  });
  byId("attempt-list", HTMLOListElement).replaceChildren(...rows);
}

function drawFacts(state: PaymentState): void {
  const facts: [string, string][] = [
    ["State", state.state],
    ["Tracking id", state.tracking_id],
  ];
  if (state.transaction_id) facts.push(["Gateway's transaction", state.transaction_id]);
  const rows = facts.map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, make("code", {}, value))),
  );
  byId("facts", HTMLDListElement).replaceChildren(...rows);
}
