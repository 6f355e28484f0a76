import { type Cashier, LauncherError, openCashier } from "edge-cashier/launcher";
import { announce, byId } from "./dom.js";
import type { Order, OrderForm } from "./order.js";
import { causeOf, hideProblem, showProblem, showUnknown } from "./problem.js";
import { ShopError } from "./request.js";
import { paymentAddress, paymentInAddress, show } from "./screens.js";
import type { Shop } from "./shop.js";
import { forgetSignIn, noteStep, type Payment, paymentOf, rememberPayment } from "./store.js";
import { currentTheme } from "./theme.js";

interface Parts {
  readonly endpoint: string;
  readonly shop: Shop;
  readonly form: OrderForm;
  /** Shows what the address asks for. */
  readonly route: () => void;
  readonly home: () => void;
  /** Shows a payment; with `land` the reader is put where it begins. */
  readonly showPayment: (payment: Payment, land: boolean) => void;
}

/** The way from the press of a button to the cashier and back. */
export class Checkout {
  private readonly parts: Parts;
  private cashier: Cashier | undefined;
  /** A ticket whose session could not be opened: trying again with it cannot open a second payment. */
  private unused: { readonly order: Order; readonly payment: Payment } | undefined;
  /** Counts the customers of this tab. */
  private visit = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    byId("cashier-close", HTMLButtonElement).addEventListener("click", () => this.close());
  }

  /** Whether a cashier stands beside this page. */
  get isOpen(): boolean {
    return this.cashier !== undefined;
  }

  /** The customer leaves: a cashier that is still being opened is no longer wanted. */
  abandon(): void {
    this.visit++;
    this.unused = undefined;
    this.hideFrame();
    this.close();
  }

  private close(): void {
    this.cashier?.close();
  }

  /** A frame goes with the payment that the customer leaves; a window stays where the customer put it. */
  leaveFor(tracking_id: string | undefined): void {
    if (this.cashier?.mode === "iframe" && this.cashier.tracking_id !== tracking_id) this.close();
  }

  /** From the press of the button to the cashier. Nothing is awaited before the launcher has opened its window. */
  start(order: Order): void {
    hideProblem();
    this.parts.form.busy(true);
    const { unused } = this;
    const isSame =
      unused?.order.kind === order.kind &&
      unused.order.amount === order.amount &&
      unused.order.currency === order.currency;
    const payment = isSame ? unused.payment : this.order(order);
    void this.open(order, payment, (error) => this.refused(error, order));
  }

  /** Goes to the cashier of this payment once more: the same ticket gives the same session. */
  reopen(): void {
    const payment = paymentOf(paymentInAddress() ?? "");
    if (!payment) return;
    hideProblem();
    // The launcher opens nothing for a ticket whose window or frame stands.
    this.close();
    // The cashier was open before, so a failure says nothing about whether the customer has paid.
    void this.open({ ...payment, mode: "redirect" }, payment, (error) =>
      showUnknown(error, payment.tracking_id, {
        "Try again": () => this.reopen(),
        "Ask again": () => this.parts.route(),
      }),
    );
  }

  /** Has the shop sign a ticket. */
  private async order(order: Order): Promise<Payment> {
    const { kind, amount, currency } = order;
    const asked = { amount, currency, theme: currentTheme() };
    const { visit } = this;
    const ticket = await this.parts.shop.ticket(kind, asked);
    if (visit !== this.visit) throw new Error("signed out");
    const opened_at = new Date().toISOString();
    const payment: Payment = { ...ticket, kind, amount, currency, opened_at, state: "opened", steps: [] };
    this.unused = { order, payment };
    return payment;
  }

  private async open(
    order: Order,
    from: Payment | Promise<Payment>,
    failed: (error: unknown) => void,
  ): Promise<void> {
    const { visit } = this;
    // Filled as soon as there is a ticket, and so before any event.
    const known: { payment?: Payment } = {};
    const ticketOf = (payment: Payment) => {
      known.payment = payment;
      return payment.ticket;
    };
    try {
      const cashier = await openCashier({
        endpoint: this.parts.endpoint,
        ticket: from instanceof Promise ? from.then(ticketOf) : ticketOf(from),
        mode: order.mode,
        theme: currentTheme(),
        container: byId("cashier-frame", HTMLDivElement),
        // The button below the frame closes it.
        closeText: "",
        onEvent: (event) => {
          if (visit !== this.visit) return;
          if (event.type === "fallback") {
            // Nor is an empty one left for who comes back to this page as it was.
            this.hideFrame();
            announce("Opening the cashier another way.");
          }
          const { payment } = known;
          if (event.type !== "opened" || !payment) return;
          // Before the page is left: the ticket has to be there when the customer comes back, also by the browser's button.
          rememberPayment(payment);
          noteStep(payment.tracking_id, "cashier_opened");
          this.address(payment);
          if (event.mode === "iframe") this.showFrame(event.url);
        },
      });
      if (visit !== this.visit) {
        cashier.close();
        // The page is leaving for the cashier of who has signed out, where the next customer might pay. Loading it anew cancels that.
        if (cashier.mode === "redirect") location.replace(location.href);
        return;
      }
      this.unused = undefined;
      if (cashier.mode !== "redirect" && known.payment) this.beside(cashier, known.payment);
    } catch (error) {
      if (visit !== this.visit) return;
      this.parts.form.busy(false);
      this.hideFrame();
      failed(error);
    }
  }

  /** Makes the address the payment's: the order's stays behind it in the history. */
  private address({ tracking_id }: Payment): void {
    if (paymentInAddress() !== tracking_id) history.pushState(null, "", paymentAddress(tracking_id));
  }

  /** The cashier stands in a window or frame; this page follows the payment meanwhile. */
  private beside(cashier: Cashier, payment: Payment): void {
    this.cashier = cashier;
    // A window may be gone before it was sent to the cashier; its ticket still finds the payment.
    rememberPayment(payment);
    if (cashier.mode !== "iframe") this.hideFrame();
    this.address(payment);
    // The launcher has put the focus into the frame.
    this.parts.showPayment(paymentOf(payment.tracking_id) ?? payment, cashier.mode !== "iframe");
    void cashier.closed.then((reason) => {
      if (this.cashier === cashier) this.cashier = undefined;
      if (cashier.mode === "iframe") this.hideFrame();
      noteStep(payment.tracking_id, "cashier_left");
      announce(reason === "returned" ? "Back from the cashier." : "The cashier was closed.");
      if (paymentInAddress() === payment.tracking_id) this.parts.route();
    });
  }

  private refused(error: unknown, order: Order): void {
    const cause = causeOf(error);
    if (cause instanceof ShopError && cause.isSignedOut) {
      forgetSignIn();
      show("none");
      showProblem(new ShopError("Please sign in again", "The shop's session is over.", cause.facts), {
        "Sign in": () => this.parts.home(),
      });
      return;
    }
    // A ticket that was refused will be refused again; one that found nobody may be used again.
    const isSpent = cause instanceof LauncherError && [400, 401, 403, 409, 422].includes(cause.status ?? 0);
    if (isSpent) this.unused = undefined;
    showProblem(error, {
      "Try again": () => this.start(order),
      "Change the amount": () => byId("amount", HTMLInputElement).focus(),
    });
  }

  private showFrame(url: string): void {
    show("none");
    byId("cashier-link", HTMLAnchorElement).href = url;
    byId("cashier", HTMLElement).hidden = false;
    byId("cashier", HTMLElement).scrollIntoView({ block: "start" });
  }

  private hideFrame(): void {
    byId("cashier", HTMLElement).hidden = true;
  }
}
