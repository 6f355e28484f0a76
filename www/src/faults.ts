import type { PaymentState } from "edge-cashier/launcher";
import { count } from "./counts.js";
import { byId, make, write } from "./dom.js";
import { FAULTS } from "./fault-words.js";
import { showInline } from "./problem.js";
import type { Delivery, Faults, Sent, Shop } from "./shop.js";
import { signedIn } from "./store.js";

const NAMES = Object.keys(FAULTS) as (keyof Faults)[];

/** What goes wrong on demand, and what became of the payment's webhooks meanwhile. */
export class FaultsPanel {
  private readonly shop: Shop;
  private readonly boxes = new Map<keyof Faults, HTMLInputElement>();
  private tracking_id: string | undefined;
  /** While a change is under way, an answer that is older does not undo what was pressed. */
  private changing = 0;
  /** The faults as the simulator had them last. */
  private known: Faults | undefined;

  constructor(shop: Shop) {
    this.shop = shop;
    const rows = NAMES.map((name) => {
      const box = make("input", { type: "checkbox", name, id: `fault-${name}` });
      box.addEventListener("change", () => void this.change());
      this.boxes.set(name, box);
      const { title, detail } = FAULTS[name];
      return make("label", {}, box, make("span", {}, make("b", {}, title), make("small", {}, detail)));
    });
    byId("fault-list", HTMLElement).append(...rows);
    byId("resend", HTMLButtonElement).addEventListener("click", () => void this.resend());
  }

  /** Forgets the payment. */
  leave(): void {
    this.tracking_id = undefined;
    byId("proof", HTMLElement).hidden = true;
  }

  /** Shows the panel as the simulator has it, to somebody who is signed in. */
  async load(): Promise<void> {
    const session = signedIn()?.session;
    if (!session) {
      this.hide();
      return;
    }
    try {
      const { faults } = await this.shop.faults();
      if (signedIn()?.session === session) this.show(faults);
    } catch {
      // The form beside it says what is wrong with the shop as soon as it is used.
      this.hide();
    }
  }

  hide(): void {
    byId("faults", HTMLElement).hidden = true;
  }

  show(faults: Faults): void {
    byId("faults", HTMLElement).hidden = false;
    if (this.changing > 0) return;
    if (!this.known) {
      byId("faults-details", HTMLDetailsElement).open = NAMES.some((name) => faults[name]);
    }
    this.known = faults;
    for (const [name, box] of this.boxes) box.checked = faults[name];
    this.summarize();
  }

  drawCounts(state: PaymentState, sent: Sent, deliveries: readonly Delivery[]): void {
    this.tracking_id = state.tracking_id;
    const { stations, verdict, tone, resendable } = count(state, sent, deliveries);
    byId("proof", HTMLElement).hidden = false;
    const rows = stations.map(({ name, figure, note }) =>
      make(
        "div",
        { "data-station": name.toLowerCase() },
        make("dt", {}, name),
        make("dd", {}, make("b", {}, String(figure)), make("small", {}, note)),
      ),
    );
    byId("stations", HTMLDListElement).replaceChildren(...rows);
    const words = byId("verdict", HTMLParagraphElement);
    write(words, verdict);
    words.className = `verdict ${tone}`;
    const resend = byId("resend", HTMLButtonElement);
    // Whoever has pressed the button is told beside it what came of that.
    if (!resendable && resend === document.activeElement) words.focus();
    resend.hidden = !resendable;
  }

  private async change(): Promise<void> {
    this.summarize();
    this.problem();
    this.changing++;
    const chosen = Object.fromEntries(
      NAMES.map((name) => [name, this.boxes.get(name)?.checked === true]),
    ) as unknown as Faults;
    try {
      await this.shop.setFaults(chosen);
      this.known = chosen;
    } catch (error) {
      this.problem(error);
    }
    this.changing--;
    // What could not be switched goes back to what is.
    if (this.known) this.show(this.known);
  }

  private async resend(): Promise<void> {
    this.problem();
    try {
      await this.shop.resend(this.tracking_id ?? "");
    } catch (error) {
      this.problem(error);
    }
  }

  private summarize(): void {
    const on = [...this.boxes.values()].filter(({ checked }) => checked).length;
    const badge = byId("faults-on", HTMLSpanElement);
    badge.textContent = on === 0 ? "All off" : `${on} on`;
    badge.className = `badge ${on === 0 ? "wait" : "warn"}`;
  }

  private problem(error?: unknown): void {
    showInline(byId("faults-problem", HTMLParagraphElement), error);
  }
}
