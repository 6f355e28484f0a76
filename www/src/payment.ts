import { awaitResult, LauncherError, type PaymentState } from "edge-cashier/launcher";
import { announce, byId, write } from "./dom.js";
import type { FaultsPanel } from "./faults.js";
import type { MerchantPanel } from "./merchant.js";
import { drawAsking, drawOutcome, drawUnknown } from "./outcome.js";
import { hideProblem } from "./problem.js";
import { ShopError } from "./request.js";
import { showAccount } from "./screens.js";
import type { Delivery, Sent, Shop } from "./shop.js";
import { changePayment, forgetSignIn, type Payment, paymentOf, signedIn } from "./store.js";
import { drawTimeline } from "./timeline.js";

/** How long the page watches by itself before it asks whether to go on. */
const WATCH_MS = 10 * 60_000;
/** How often the shop's backend is asked, and how often once nothing has changed for a while. */
const LOOK_MS = 1500;
const IDLE_LOOK_MS = 6000;
const IDLE_AFTER_MS = 2 * 60_000;

/** What the shop's side knows of the payment. */
interface Backend {
  readonly deliveries: readonly Delivery[];
  readonly sent: Sent;
}

interface Parts {
  readonly endpoint: string;
  readonly shop: Shop;
  readonly merchant: MerchantPanel;
  readonly faults: FaultsPanel;
  /** Called when the list of payments should be drawn again. */
  readonly changed: () => void;
  /** Called when the Worker refused. */
  readonly failed: (error: unknown, payment: Payment) => void;
}

/** One payment on the screen: what the Worker and the shop's backend say, as they say it. */
export class PaymentView {
  private readonly parts: Parts;
  private leaving: AbortController | undefined;
  private payment: Payment | undefined;
  private isAsking = false;
  private hasFailed = false;
  private state: PaymentState | undefined;
  private backend: Backend | undefined;
  private announced = "";

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Ends the watch, when another screen is shown. */
  leave(): void {
    this.leaving?.abort();
    this.leaving = undefined;
    this.payment = undefined;
    this.parts.merchant.leave();
    this.parts.faults.leave();
  }

  /** Shows a payment and watches it. */
  watch(payment: Payment): void {
    this.leave();
    this.payment = payment;
    this.state = undefined;
    this.hasFailed = false;
    this.backend = undefined;
    this.announced = "";
    const leaving = new AbortController();
    this.leaving = leaving;
    drawAsking(payment);
    this.connection("");
    this.ask(payment, leaving.signal);
    void this.look(payment, leaving.signal);
  }

  /** Asks the Worker until the payment is settled. */
  private ask(payment: Payment, signal: AbortSignal): void {
    this.isAsking = true;
    byId("payment-refresh", HTMLButtonElement).hidden = true;
    awaitResult({
      endpoint: this.parts.endpoint,
      ticket: payment.ticket,
      tracking_id: payment.tracking_id,
      timeoutMs: WATCH_MS,
      signal,
      onState: (state) => {
        this.state = state;
        if (this.hasFailed) hideProblem();
        this.hasFailed = false;
        this.draw(payment);
      },
      onRetry: () => this.connection("The connection was lost. Trying again…"),
    })
      .then((result) => {
        this.isAsking = false;
        this.connection("");
        byId("payment-refresh", HTMLButtonElement).hidden = result.settled;
      })
      .catch((error: unknown) => {
        if (signal.aborted || (error instanceof LauncherError && error.code === "aborted")) return;
        this.isAsking = false;
        this.connection("");
        byId("payment-refresh", HTMLButtonElement).hidden = false;
        // A success is never taken back, whatever the next question meets.
        if (this.state?.state === "successful") return;
        this.hasFailed = true;
        if (!this.state) drawUnknown();
        byId("payment-again", HTMLButtonElement).hidden = true;
        this.parts.failed(error, payment);
      });
  }

  /** Asks the shop's backend again and again, until nothing has changed for as long as the watch lasts. */
  private async look(payment: Payment, signal: AbortSignal): Promise<void> {
    let changedAt = Date.now();
    for (;;) {
      if (!signedIn()) {
        this.parts.merchant.signedOut();
        this.parts.faults.hide();
        return;
      }
      if (document.visibilityState === "visible") {
        const backend = await this.askShop(payment.tracking_id, signal);
        if (signal.aborted) return;
        if (backend && JSON.stringify(backend) !== JSON.stringify(this.backend)) {
          // What the gateway sent after the payment was settled: a repeated webhook, another attempt.
          if (this.backend && !this.isAsking) this.ask(payment, signal);
          changedAt = Date.now();
          this.backend = backend;
          this.draw(payment);
        }
      }
      const quietMs = Date.now() - changedAt;
      if (quietMs > WATCH_MS && !this.isAsking) {
        byId("payment-refresh", HTMLButtonElement).hidden = false;
        return;
      }
      const isIdle = quietMs > IDLE_AFTER_MS;
      await new Promise((done) => setTimeout(done, isIdle ? IDLE_LOOK_MS : LOOK_MS));
      if (signal.aborted) return;
    }
  }

  /** What the shop's backend says; nothing when it cannot be asked. A session that is over is forgotten. */
  private async askShop(tracking_id: string, signal: AbortSignal): Promise<Backend | undefined> {
    const { shop, merchant, faults } = this.parts;
    try {
      const [deliveries, told] = await Promise.all([shop.deliveries(tracking_id), shop.faults(tracking_id)]);
      if (signal.aborted) return undefined;
      merchant.reachable(true);
      faults.show(told.faults);
      return told.webhooks && { deliveries, sent: told.webhooks };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof ShopError && error.isSignedOut) {
        forgetSignIn();
        showAccount();
      } else merchant.reachable(false);
      return undefined;
    }
  }

  private draw(payment: Payment): void {
    const { state, backend } = this;
    if (!state || payment !== this.payment) return;
    const { kind } = payment;
    const words = drawOutcome(state, kind);
    // In the tab's title too: who waits for a bank looks at something else meanwhile.
    document.title = `${words.title} · Marram Wallet`;
    this.connection("");
    drawTimeline(
      state,
      kind,
      paymentOf(state.tracking_id)?.steps ?? payment.steps,
      backend?.deliveries ?? [],
    );
    if (backend) {
      this.parts.merchant.draw(state, backend.deliveries);
      this.parts.faults.drawCounts(state, backend.sent, backend.deliveries);
    }
    changePayment(state.tracking_id, (known) => ({ ...known, state: state.state }));
    this.parts.changed();
    if (this.announced !== state.state) announce(`${words.title}. ${words.lead}`);
    this.announced = state.state;
  }

  private connection(words: string): void {
    write(byId("payment-connection", HTMLParagraphElement), words);
  }
}
