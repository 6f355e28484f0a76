import type { CashierMode } from "edge-cashier/launcher";
import { byId, make } from "./dom.js";
import { money, quickAmounts, readAmount } from "./money.js";
import type { Kind, User } from "./shop.js";
import { orderWords } from "./words.js";

/** What the customer ordered. */
export interface Order {
  readonly kind: Kind;
  readonly amount: string;
  readonly currency: string;
  readonly mode: CashierMode;
}

/** The form for one deposit or withdrawal. */
export class OrderForm {
  private readonly form = byId("order-form", HTMLFormElement);
  private readonly amount = byId("amount", HTMLInputElement);
  private readonly error = byId("amount-error", HTMLParagraphElement);
  private readonly button = byId("order-button", HTMLButtonElement);
  private readonly label = byId("order-label", HTMLSpanElement);
  private currency = "EUR";

  /** `submit` is called inside the press of the button, so that a popup may be opened. */
  constructor(submit: (order: Order) => void) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.button.getAttribute("aria-disabled") === "true") return;
      const read = readAmount(this.amount.value, this.currency);
      if (read.error !== undefined) {
        this.refuse(read.error);
        return;
      }
      const mode = new FormData(this.form).get("mode");
      submit({
        kind: this.kind(),
        amount: read.amount,
        currency: this.currency,
        mode: mode === "popup" || mode === "iframe" ? mode : "redirect",
      });
    });
    this.amount.addEventListener("input", () => this.refresh());
    byId("kinds", HTMLFieldSetElement).addEventListener("change", () => this.refresh());
  }

  /** Shows the form for a customer, with an empty amount. */
  show(user: User): void {
    this.currency = user.currency;
    byId("order-for", HTMLElement).textContent = user.name;
    byId("amount-currency", HTMLSpanElement).textContent = user.currency;
    this.amount.value = "";
    const chips = quickAmounts(user.currency).map((amount) => {
      const chip = make(
        "button",
        { type: "button", class: "chip", "data-amount": amount },
        money(amount, user.currency),
      );
      chip.addEventListener("click", () => {
        this.amount.value = amount;
        this.refresh();
      });
      return chip;
    });
    byId("chips", HTMLDivElement).replaceChildren(...chips);
    this.busy(false);
    this.refresh();
  }

  /** While a cashier is being opened, the button says so and a second press does nothing. */
  busy(is: boolean): void {
    this.button.setAttribute("aria-disabled", String(is));
    this.form.classList.toggle("busy", is);
    if (is) this.label.textContent = "Opening the cashier…";
    else this.refresh();
  }

  private kind(): Kind {
    return new FormData(this.form).get("kind") === "withdrawal" ? "withdrawal" : "deposit";
  }

  private refuse(words: string): void {
    this.error.textContent = words;
    this.amount.setAttribute("aria-invalid", "true");
    this.amount.focus();
  }

  private refresh(): void {
    const words = orderWords(this.kind());
    byId("order-title", HTMLHeadingElement).textContent = words.title;
    byId("order-preposition", HTMLSpanElement).textContent = words.preposition;
    this.error.textContent = "";
    this.amount.removeAttribute("aria-invalid");
    const { amount } = readAmount(this.amount.value, this.currency);
    this.label.textContent =
      amount === undefined ? words.button : `${words.button} ${money(amount, this.currency)}`;
    for (const chip of this.form.querySelectorAll<HTMLButtonElement>(".chip")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.amount === amount));
    }
  }
}
