import type { PaymentState } from "edge-cashier/launcher";
import { announce, byId, make, write } from "./dom.js";
import { money } from "./money.js";
import { showInline } from "./problem.js";
import { ShopError } from "./request.js";
import type { Delivery, Shop } from "./shop.js";
import {
  attemptOf,
  awaitsDecision,
  decisionOf,
  DECISIONS,
  deliveryCounts,
  stateWords,
  timeOfDay,
} from "./words.js";

/** The merchant's view of one payment: deliveries as they arrive, and the decision on a payout. */
export class MerchantPanel {
  private readonly shop: Shop;
  private readonly card = byId("merchant", HTMLElement);
  private readonly list = byId("deliveries", HTMLUListElement);
  private readonly rows = new Map<string, HTMLLIElement>();
  private state: PaymentState | undefined;
  /** The decision under way on the payment that is shown. */
  private deciding: object | undefined;

  constructor(shop: Shop) {
    this.shop = shop;
    byId("payout-approve", HTMLButtonElement).addEventListener("click", () => void this.decide("approve"));
    byId("payout-reject", HTMLButtonElement).addEventListener("click", () => void this.decide("reject"));
    byId("payout-resend", HTMLButtonElement).addEventListener(
      "click",
      () => void this.decide("approve", true),
    );
  }

  /** Forgets the payment. */
  leave(): void {
    this.card.hidden = true;
    this.state = undefined;
    this.deciding = undefined;
    this.rows.clear();
    this.list.replaceChildren();
    byId("payout", HTMLElement).hidden = true;
    byId("payout-result", HTMLParagraphElement).textContent = "";
    this.note("");
    this.problem();
  }

  /** Without a session of the shop nothing is shown but why. */
  signedOut(): void {
    this.card.hidden = false;
    byId("deliveries-none", HTMLParagraphElement).hidden = true;
    this.note("Sign in to see what the shop's backend sees.");
  }

  reachable(is: boolean): void {
    this.card.hidden = false;
    this.note(is ? "" : "The shop's backend cannot be reached. Trying again…");
  }

  draw(state: PaymentState, deliveries: readonly Delivery[]): void {
    this.state = state;
    this.card.hidden = false;
    this.drawPayout(state);
    byId("deliveries-none", HTMLParagraphElement).hidden = deliveries.length > 0;
    for (const delivery of deliveries) {
      const row = this.rows.get(delivery.id) ?? this.add(delivery);
      row.dataset.tries = String(delivery.tries);
      row.dataset.refused = String(delivery.refused);
      row.classList.toggle("waiting-row", delivery.accepted_at === null);
      const fill = (part: string, words: string) => {
        const shown = row.querySelector(part);
        if (shown) write(shown, words);
      };
      fill(".delivery-attempt", attemptOf(state, delivery.transaction_id) ?? "Attempt");
      fill(".delivery-counts", deliveryCounts(delivery));
    }
  }

  private add({ id, type, status, state, transaction_id, amount, currency, first_at }: Delivery) {
    const kind = this.state?.operation === "hosted_withdrawal" ? "withdrawal" : "deposit";
    const again = make(
      "button",
      { type: "button", class: "small", "aria-label": `Deliver again: ${type}` },
      "Deliver again",
    );
    again.addEventListener("click", () => void this.replay(id, again));
    const row = make(
      "li",
      { "data-id": id, "data-type": type },
      make("span", { class: `badge ${stateWords(state, kind).tone}` }, status),
      make("code", { class: "delivery-type" }, type),
      make("time", { datetime: first_at }, timeOfDay(first_at)),
      make(
        "span",
        { class: "delivery-about" },
        `${money(amount, currency)} · `,
        make("span", { class: "delivery-attempt" }),
        ` ${transaction_id}`,
      ),
      make("span", { class: "delivery-counts" }),
      again,
    );
    this.rows.set(id, row);
    this.list.append(row);
    return row;
  }

  private drawPayout(state: PaymentState): void {
    const waits = awaitsDecision(state);
    const payout = byId("payout", HTMLElement);
    // Why it could not be decided on is over with the wait.
    if (!waits && !payout.hidden) this.problem();
    payout.hidden = !waits;
    byId("payout-amount", HTMLElement).textContent = money(state.amount, state.currency);
    if (this.deciding) return;
    const isUnknown = waits && state.payout === "unknown";
    byId("payout-result", HTMLParagraphElement).textContent = isUnknown
      ? "The gateway's answer did not say what it did. Decide again to have the state read; an approval is not sent twice."
      : (decisionOf(state) ?? "");
  }

  private async decide(decision: "approve" | "reject", isResent = false): Promise<void> {
    const { state } = this;
    if (!state || this.deciding) return;
    const mine = {};
    this.deciding = mine;
    this.problem();
    const result = byId("payout-result", HTMLParagraphElement);
    result.textContent = decision === "approve" ? "Approving…" : "Rejecting…";
    result.focus();
    try {
      await this.shop.decide(state.tracking_id, decision, state, isResent);
      // Another payment may be shown by now.
      if (this.deciding !== mine) return;
      const words = decision === "approve" ? DECISIONS.approved : DECISIONS.rejected;
      result.textContent = words;
      announce(words);
      byId("payout", HTMLElement).hidden = true;
    } catch (error) {
      if (this.deciding !== mine) return;
      result.textContent = "";
      this.problem(error);
      byId("payout-resend", HTMLButtonElement).hidden = !(
        error instanceof ShopError && error.facts.code === "payout_unconfirmed"
      );
    }
    this.deciding = undefined;
  }

  private async replay(id: string, button: HTMLButtonElement): Promise<void> {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    this.problem();
    try {
      await this.shop.replay(id);
      announce("The Worker delivers it again, under the same id.");
    } catch (error) {
      if (this.rows.has(id)) this.problem(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  private note(words: string): void {
    write(byId("merchant-note", HTMLParagraphElement), words);
  }

  private problem(error?: unknown): void {
    byId("payout-resend", HTMLButtonElement).hidden = true;
    showInline(byId("merchant-problem", HTMLParagraphElement), error);
  }
}
