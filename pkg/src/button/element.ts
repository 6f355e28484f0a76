import {
  awaitResult,
  type Cashier,
  type CashierEvent,
  type CashierMode,
  LauncherError,
  type OpenCashierOptions,
  openCashier,
  type PaymentState,
} from "../launcher.js";
import { forget, type OpenPayment, remember, remembered } from "./payment.js";
import { fetchTicket } from "./ticket.js";

/** Attributes that are options of `openCashier`, and how their text becomes a value. */
const OPTIONS: Readonly<Record<string, [name: keyof OpenCashierOptions, read?: (text: string) => unknown]>> =
  {
    endpoint: ["endpoint"],
    mode: ["mode"],
    theme: ["theme"],
    container: ["container", (selector) => document.querySelector(selector)],
    "frame-ready": ["frameReady"],
    "frame-title": ["title"],
    "close-text": ["closeText"],
    "min-height": ["minHeight", Number],
    "max-height": ["maxHeight", Number],
    "turnstile-token": ["turnstileToken"],
    "timeout-ms": ["timeoutMs", Number],
    "waiting-text": ["waitingText"],
  };

const STYLE = `
:host { display: inline-block }
:host([hidden]) { display: none }
button { font: inherit; inline-size: 100%; min-block-size: 44px; padding: 0.5em 1.25em; cursor: pointer }
button:disabled, button[aria-disabled="true"] { cursor: default; opacity: 0.6 }`;

/** Importing the module on a server has no element to extend. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** The waits of this page, by tracking id: one for each payment, the newest. */
const waits = new Map<string, AbortController & { readonly by: CashierButton }>();

/**
 * A button that opens the cashier; its contents are the label, `::part(button)` is the button itself.
 *
 * Attributes: `endpoint`; `ticket-url` (the shop's own address that signs a ticket, asked by `POST` or by `ticket-method`) or
 * `ticket`; `disabled`; and the options of `openCashier` with dashes (`mode`, `theme`, `close-text`, …; `container` is a
 * selector, the frame's title is `frame-title`). While the cashier is being opened or shown, it has the attribute `busy`.
 *
 * Fires `cashier-opening`, `cashier-opened`, `cashier-ready`, `cashier-resized`, `cashier-message`, `cashier-blocked`,
 * `cashier-fallback`, `cashier-closed`, `cashier-failed` and `cashier-settled`, each with the launcher's event as its `detail`;
 * and `cashier-state` with each state that the Worker reports. Only `cashier-settled` is about money; a
 * declined card fires it only when the popup or frame is closed, since the customer may try another card there.
 *
 * After a redirect or a reload, the first element of the page (it may be `hidden`) waits for the outcome of the payment that
 * this tab has opened last, and fires `cashier-state` and `cashier-settled`. So does the next element when the one that waits is
 * taken off the page, and a page that the browser kept as it was.
 */
export class CashierButton extends Base {
  static readonly observedAttributes = ["disabled"];

  private readonly button: HTMLButtonElement;
  private ticket = "";
  /** One and the same function each time, so that two clicks open one session. */
  private readonly askTicket = async (): Promise<string> => {
    const url = this.getAttribute("ticket-url");
    this.ticket =
      url === null
        ? (this.getAttribute("ticket") ?? "")
        : await fetchTicket(url, this.getAttribute("ticket-method") ?? "POST");
    return this.ticket;
  };

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    // A sheet of its own is no inline style: a strict policy allows it. A browser that has none shows a plain button.
    if ("adoptedStyleSheets" in root) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    }
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.part.add("button");
    this.button.append(document.createElement("slot"));
    this.button.addEventListener("click", () => {
      if (!this.hasAttribute("busy")) void this.open();
    });
    root.append(this.button);
  }

  connectedCallback(): void {
    window.addEventListener("pageshow", this.shown);
    this.resume();
  }

  disconnectedCallback(): void {
    window.removeEventListener("pageshow", this.shown);
    // An element that is only moved is connected again by then.
    queueMicrotask(() => {
      if (this.isConnected) return;
      for (const [tracking_id, wait] of waits) {
        if (wait.by !== this) continue;
        waits.delete(tracking_id);
        wait.abort();
      }
      document.querySelector<CashierButton>(this.localName)?.resume();
    });
  }

  attributeChangedCallback(): void {
    this.button.disabled = this.hasAttribute("disabled");
  }

  /** Back from the cashier by the browser's own button: the page is as it was left, with its button still busy. */
  private readonly shown = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted) return;
    this.busy(false);
    this.resume();
  };

  /** Waits for the payment that this tab has opened last, unless an element does so already. */
  private resume(): void {
    const payment = remembered();
    if (payment && !waits.has(payment.tracking_id)) void this.settle(payment);
  }

  private async open(): Promise<void> {
    this.busy(true);
    try {
      const cashier = await openCashier(this.options());
      if (cashier.mode === "redirect") return;
      void this.settle(this.payment(cashier), cashier);
      await cashier.closed;
    } catch (error) {
      this.failed(error, (this.getAttribute("mode") ?? "redirect") as CashierMode);
    }
    this.busy(false);
  }

  private options(): OpenCashierOptions {
    const given = Object.entries(OPTIONS).flatMap(([attribute, [name, read = String]]) => {
      const text = this.getAttribute(attribute);
      return text === null ? [] : [[name, read(text)] as const];
    });
    return {
      ...(Object.fromEntries(given) as Partial<OpenCashierOptions> & { endpoint: string }),
      ticket: this.askTicket,
      onEvent: (event) => this.heard(event),
    };
  }

  private heard(event: CashierEvent): void {
    // The promises tell the same.
    if (event.type === "failed" || event.type === "settled") return;
    // Before the page is left: the ticket has to be there when the customer comes back.
    if (event.type === "opened") remember(this.payment(event));
    this.fire(event.type, event);
  }

  private payment({ tracking_id, mode }: Pick<Cashier, "tracking_id" | "mode">): OpenPayment {
    return { endpoint: this.getAttribute("endpoint") ?? "", ticket: this.ticket, tracking_id, mode };
  }

  /** Waits for the outcome, which only the Worker knows. */
  private async settle(payment: OpenPayment, cashier?: Cashier): Promise<void> {
    const { mode, ...question } = payment;
    const { tracking_id } = payment;
    // It was taken off the page while the cashier was being opened.
    if (!this.isConnected) return;
    waits.get(tracking_id)?.abort();
    const wait = Object.assign(new AbortController(), { by: this });
    const { signal } = wait;
    waits.set(tracking_id, wait);
    const more = { signal, onState: (state: PaymentState) => this.fire("state", state) };
    try {
      const result = await (cashier ? cashier.result(more) : awaitResult({ ...question, ...more }));
      if (signal.aborted || !result.settled) return;
      forget(payment);
      this.fire("settled", { type: "settled", mode, result } satisfies CashierEvent);
    } catch (error) {
      if (signal.aborted) return;
      // What the Worker refuses, it refuses the next time too.
      if (error instanceof LauncherError && error.status) forget(payment);
      this.failed(error, mode);
    } finally {
      if (waits.get(tracking_id) === wait) waits.delete(tracking_id);
    }
  }

  private failed(error: unknown, mode: CashierMode): void {
    // The customer has closed the popup, which is the event `closed`.
    if (error instanceof LauncherError && error.code === "closed") return;
    // A page that does not listen would show nothing at all.
    console.error(error);
    if (error instanceof LauncherError)
      this.fire("failed", { type: "failed", mode, error } satisfies CashierEvent);
  }

  /** A button that is merely `aria-disabled` keeps the focus, to which the customer comes back. */
  private busy(is: boolean): void {
    this.toggleAttribute("busy", is);
    this.button.ariaBusy = this.button.ariaDisabled = is ? "true" : null;
  }

  private fire(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`cashier-${type}`, { detail, bubbles: true, composed: true }));
  }
}
