// The storefront: which screen is shown, and what leads from one to the next.
import { type Cashier, LauncherError, openCashier } from "edge-cashier/launcher";
import { DepositForm, type Order } from "./deposit.js";
import { announce, byId } from "./dom.js";
import { PaymentView } from "./payment.js";
import { hideProblem, showProblem } from "./problem.js";
import { showRecent } from "./recent.js";
import { type Config, loadConfig, Shop, ShopError, type User } from "./shop.js";
import { showUsers } from "./sign-in.js";
import {
  forgetAll,
  forgetSignIn,
  noteStep,
  type Payment,
  paymentOf,
  rememberPayment,
  rememberSignIn,
  signedIn,
} from "./store.js";
import { currentTheme, wireTheme } from "./theme.js";

type Screen = "loading" | "sign-in" | "deposit" | "payment" | "none";

const TITLES: Readonly<Record<Screen, string>> = {
  loading: "Marram Wallet",
  "sign-in": "Sign in · Marram Wallet",
  deposit: "Add money · Marram Wallet",
  payment: "Payment · Marram Wallet",
  none: "Marram Wallet",
};

function show(screen: Screen): void {
  hideProblem();
  for (const id of ["loading", "sign-in", "deposit", "payment"]) byId(id, HTMLElement).hidden = id !== screen;
  document.title = TITLES[screen];
  const user = signedIn()?.user;
  byId("account", HTMLDivElement).hidden = !user;
  byId("account-name", HTMLSpanElement).textContent = user?.name ?? "";
}

/** Puts the reader where the new screen begins. */
function land(title: string): void {
  byId(title, HTMLHeadingElement).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

class Storefront {
  private readonly config: Config;
  private readonly shop: Shop;
  private readonly form: DepositForm;
  private readonly view: PaymentView;
  private cashier: Cashier | undefined;
  /** A ticket whose session could not be opened: trying again with it cannot open a second payment. */
  private unused: { readonly order: Order; readonly payment: Payment } | undefined;

  constructor(config: Config) {
    this.config = config;
    this.shop = new Shop(config.shop_origin);
    this.form = new DepositForm((order) => this.deposit(order));
    this.view = new PaymentView(
      config.endpoint,
      () => this.recent(),
      (error, payment) =>
        showProblem(error, {
          "Try again": () => this.showPayment(payment),
          "New deposit": () => this.home(),
        }),
    );
    byId("payment-again", HTMLButtonElement).addEventListener("click", () => this.home());
    byId("payment-refresh", HTMLButtonElement).addEventListener("click", () => this.route());
    byId("payment-reopen", HTMLButtonElement).addEventListener("click", () => this.reopen());
    byId("cashier-close", HTMLButtonElement).addEventListener("click", () => this.cashier?.close());
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => this.signOut());
    byId("home", HTMLAnchorElement).addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.home();
    });
    window.addEventListener("popstate", () => this.route());
    // Back from the cashier by the browser's own button: the page is as it was left, with its button still busy.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.route();
    });
  }

  /** Shows what the address asks for. */
  route(): void {
    this.view.leave();
    const query = new URLSearchParams(location.search);
    const tracking_id = query.get("tracking_id");
    if (!tracking_id) {
      const user = signedIn()?.user;
      if (user) this.showDeposit(user);
      else this.showSignIn();
      return;
    }
    // What else the return address says ("result=…") is anybody's word: it is neither read nor kept.
    history.replaceState(null, "", paymentAddress(tracking_id));
    const payment = paymentOf(tracking_id);
    if (payment) {
      this.cameBack(payment);
      this.showPayment(payment);
      return;
    }
    show("none");
    this.recent();
    showProblem(
      new ShopError(
        "This payment belongs to another tab",
        "Only the tab that opened a payment holds its ticket and may see it. If you paid, nothing is lost: the shop is told by the gateway, not by this page.",
      ),
      { "To the wallet": () => this.home() },
    );
  }

  private home(): void {
    history.pushState(null, "", "/");
    this.route();
  }

  private recent(current?: string): void {
    const shown = current ?? new URLSearchParams(location.search).get("tracking_id") ?? undefined;
    showRecent((tracking_id) => {
      history.pushState(null, "", paymentAddress(tracking_id));
      this.route();
    }, shown);
  }

  private async showSignIn(): Promise<void> {
    show("loading");
    this.recent();
    try {
      const users = await this.shop.users();
      showUsers(users, (user) => this.signIn(user));
    } catch (error) {
      show("none");
      showProblem(error, { "Try again": () => this.route() });
      return;
    }
    show("sign-in");
    land("sign-in-title");
  }

  private async signIn(user: User): Promise<void> {
    hideProblem();
    try {
      const session = await this.shop.signIn(user.user_id);
      rememberSignIn({ session, user });
    } catch (error) {
      showProblem(error, { "Try again": () => void this.signIn(user) });
      return;
    }
    this.route();
  }

  private signOut(): void {
    this.cashier?.close();
    forgetAll();
    this.home();
    announce("Signed out.");
  }

  private showDeposit(user: User): void {
    show("deposit");
    this.form.show(user);
    this.recent();
    land("deposit-title");
  }

  private showPayment(payment: Payment): void {
    show("payment");
    this.recent(payment.tracking_id);
    this.view.watch(payment);
    land("payment-title");
  }

  private cameBack({ tracking_id, steps }: Payment): void {
    if (steps.at(-1)?.what === "cashier_opened" && !this.cashier) noteStep(tracking_id, "cashier_left");
  }

  /** From the press of the button to the cashier. Nothing is awaited before the launcher has opened its window. */
  private deposit(order: Order): void {
    hideProblem();
    this.form.busy(true);
    const known = this.unused?.order;
    const same = known && known.amount === order.amount && known.currency === order.currency;
    const payment = same && this.unused ? this.unused.payment : this.order(order);
    void this.open(order, payment);
  }

  /** Has the shop sign a ticket. */
  private async order(order: Order): Promise<Payment> {
    const { amount, currency } = order;
    const { ticket, tracking_id } = await this.shop.depositTicket(
      signedIn()?.session ?? "",
      amount,
      currency,
      currentTheme(),
    );
    const opened_at = new Date().toISOString();
    const payment: Payment = { tracking_id, ticket, amount, currency, opened_at, state: "opened", steps: [] };
    this.unused = { order, payment };
    return payment;
  }

  private async open(order: Order, from: Payment | Promise<Payment>): Promise<void> {
    const coming = Promise.resolve(from);
    try {
      const cashier = await openCashier({
        endpoint: this.config.endpoint,
        ticket: from instanceof Promise ? from.then(({ ticket }) => ticket) : from.ticket,
        mode: order.mode,
        theme: currentTheme(),
        container: byId("cashier-frame", HTMLDivElement),
        onEvent: (event) => {
          if (event.type === "fallback") announce("Opening the cashier another way.");
          if (event.type !== "opened") return;
          // Before the page is left: the ticket has to be there when the customer comes back.
          void coming.then((payment) => {
            rememberPayment(payment);
            noteStep(payment.tracking_id, "cashier_opened");
          });
          if (event.mode === "iframe") this.showFrame(event.url);
        },
      });
      this.unused = undefined;
      const payment = await coming;
      if (cashier.mode !== "redirect") this.beside(cashier, payment);
    } catch (error) {
      this.form.busy(false);
      this.hideFrame();
      this.refused(error, order);
    }
  }

  /** The cashier stands in a window or frame; this page follows the payment meanwhile. */
  private beside(cashier: Cashier, payment: Payment): void {
    this.cashier = cashier;
    if (cashier.mode !== "iframe") this.hideFrame();
    if (new URLSearchParams(location.search).get("tracking_id") !== payment.tracking_id) {
      history.pushState(null, "", paymentAddress(payment.tracking_id));
    }
    this.showPayment(paymentOf(payment.tracking_id) ?? payment);
    if (cashier.mode === "iframe") byId("cashier", HTMLElement).focus();
    void cashier.closed.then((reason) => {
      this.cashier = undefined;
      this.hideFrame();
      noteStep(payment.tracking_id, "cashier_left");
      announce(reason === "returned" ? "Back from the cashier." : "The cashier was closed.");
      this.route();
    });
  }

  private refused(error: unknown, order: Order): void {
    const cause = error instanceof LauncherError && error.code === "no_ticket" ? error.cause : error;
    if (cause instanceof ShopError && cause.status === 401) {
      forgetSignIn();
      show("none");
      showProblem(
        new ShopError("Please sign in again", "The shop's session is over.", 401, cause.request_id),
        {
          "Sign in": () => this.home(),
        },
      );
      return;
    }
    // A ticket that was refused will be refused again; one that found nobody may be used again.
    const spent = cause instanceof LauncherError && [400, 401, 403, 409, 422].includes(cause.status ?? 0);
    if (spent) this.unused = undefined;
    showProblem(error, {
      "Try again": () => this.deposit(order),
      "Change the amount": () => byId("amount", HTMLInputElement).focus(),
    });
  }

  /** Goes to the cashier of this payment once more: the same ticket gives the same session. */
  private reopen(): void {
    const payment = paymentOf(new URLSearchParams(location.search).get("tracking_id") ?? "");
    if (!payment) return;
    const { amount, currency } = payment;
    void this.open({ amount, currency, mode: "redirect" }, payment);
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

const paymentAddress = (tracking_id: string) => `/?tracking_id=${encodeURIComponent(tracking_id)}`;

async function start(): Promise<void> {
  wireTheme(byId("theme", HTMLButtonElement));
  show("loading");
  try {
    new Storefront(await loadConfig()).route();
  } catch (error) {
    show("none");
    showProblem(error, { "Try again": () => location.reload() });
  }
}

void start();
