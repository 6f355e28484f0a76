// The storefront: what leads from one screen to the next.
import { Checkout } from "./checkout.js";
import { announce, byId, isPlain } from "./dom.js";
import { FaultsPanel } from "./faults.js";
import { MerchantPanel } from "./merchant.js";
import { OrderForm } from "./order.js";
import { PaymentView } from "./payment.js";
import { hideProblem, showProblem, showUnknown } from "./problem.js";
import { showRecent } from "./recent.js";
import { ShopError } from "./request.js";
import { land, paymentAddress, paymentInAddress, show } from "./screens.js";
import { type Config, Shop, type User } from "./shop.js";
import { showUsers } from "./sign-in.js";
import { forgetAll, noteStep, type Payment, paymentOf, rememberSignIn, signedIn } from "./store.js";

export class Storefront {
  private readonly shop: Shop;
  private readonly form: OrderForm;
  private readonly faults: FaultsPanel;
  private readonly view: PaymentView;
  private readonly checkout: Checkout;

  constructor({ endpoint, shop_origin }: Config) {
    const shop = new Shop(shop_origin, () => signedIn()?.session);
    this.shop = shop;
    this.form = new OrderForm((order) => this.checkout.start(order));
    this.faults = new FaultsPanel(shop);
    this.view = new PaymentView({
      endpoint,
      shop,
      merchant: new MerchantPanel(shop),
      faults: this.faults,
      changed: () => this.recent(),
      failed: (error, payment) =>
        showUnknown(error, payment.tracking_id, { "Ask again": () => this.showPayment(payment) }),
    });
    this.checkout = new Checkout({
      endpoint,
      shop,
      form: this.form,
      route: () => this.route(),
      home: () => this.home(),
      showPayment: (payment, landing) => this.showPayment(payment, landing),
    });
    this.listen();
  }

  private listen(): void {
    byId("payment-again", HTMLButtonElement).addEventListener("click", () => this.home());
    byId("payment-refresh", HTMLButtonElement).addEventListener("click", () => this.route());
    byId("payment-reopen", HTMLButtonElement).addEventListener("click", () => this.checkout.reopen());
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => this.signOut());
    // Without a change of the address, which would be taken for one of the browser's buttons.
    byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
      event.preventDefault();
      byId("main", HTMLElement).focus();
    });
    byId("home", HTMLAnchorElement).addEventListener("click", (event) => {
      if (!isPlain(event)) return;
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
    const tracking_id = paymentInAddress();
    this.checkout.leaveFor(tracking_id);
    if (!tracking_id) {
      const user = signedIn()?.user;
      if (user) this.showOrder(user);
      else void this.showSignIn();
      return;
    }
    // What else the return address says ("result=…") is anybody's word: it is neither read nor kept.
    history.replaceState(null, "", paymentAddress(tracking_id));
    if (!this.checkout.isOpen) noteStep(tracking_id, "cashier_left");
    const payment = paymentOf(tracking_id);
    if (payment) {
      this.showPayment(payment);
      return;
    }
    show("none");
    this.recent();
    showProblem(
      new ShopError(
        "This payment belongs to another tab",
        "Only the tab that opened a payment holds its ticket and may see it. If you paid, nothing is lost: the shop hears it from the gateway, not from this page.",
      ),
      { "To the wallet": () => this.home() },
    );
  }

  private home(): void {
    history.pushState(null, "", "/");
    this.route();
  }

  private recent(): void {
    showRecent((tracking_id) => {
      history.pushState(null, "", paymentAddress(tracking_id));
      this.route();
    }, paymentInAddress());
  }

  private async showSignIn(): Promise<void> {
    show("loading");
    this.recent();
    void this.faults.load();
    try {
      const users = await this.shop.users();
      // A payment may have been chosen meanwhile.
      if (paymentInAddress()) return;
      showUsers(users, (user) => this.signIn(user));
    } catch (error) {
      if (paymentInAddress()) return;
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
    this.checkout.abandon();
    forgetAll();
    this.home();
    announce("Signed out.");
  }

  private showOrder(user: User): void {
    show("order");
    this.form.show(user);
    this.recent();
    void this.faults.load();
    land("order-title");
  }

  private showPayment(payment: Payment, landing = true): void {
    show("payment");
    this.view.watch(payment);
    this.recent();
    if (landing) land("payment-title");
  }
}
