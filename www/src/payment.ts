import { awaitResult, LauncherError, type PaymentState } from "edge-cashier/launcher";
import { announce, byId, icon, make } from "./dom.js";
import { money } from "./money.js";
import { changePayment, type LocalStep, type Payment, paymentOf } from "./store.js";
import { type StepWords, stateWords, stepWords, timeOfDay } from "./words.js";

/** How long the page watches by itself before it asks whether to go on. */
const WATCH_MS = 10 * 60_000;

const LOCAL_STEPS: Readonly<Record<LocalStep["what"], StepWords>> = {
  cashier_opened: { title: "You went to the cashier", detail: "Seen by this browser.", tone: "plain" },
  cashier_left: {
    title: "You came back",
    detail: "Seen by this browser. It proves nothing about the payment.",
    tone: "plain",
  },
};

/** One payment on the screen: what the Worker tells, as it tells it. */
export class PaymentView {
  private watching: AbortController | undefined;
  private seen = "";
  private readonly endpoint: string;
  private readonly changed: () => void;
  private readonly failed: (error: unknown, payment: Payment) => void;

  /** `changed` is called when the list of payments should be drawn again; `failed` when the Worker refused. */
  constructor(endpoint: string, changed: () => void, failed: (error: unknown, payment: Payment) => void) {
    this.endpoint = endpoint;
    this.changed = changed;
    this.failed = failed;
  }

  /** Ends the watch, when another screen is shown. */
  leave(): void {
    this.watching?.abort();
    this.watching = undefined;
  }

  /** Shows a payment and watches it until it is settled. */
  watch(payment: Payment): void {
    this.leave();
    this.seen = "";
    const watching = new AbortController();
    this.watching = watching;
    this.begin(payment);
    const { ticket, tracking_id } = payment;
    awaitResult({
      endpoint: this.endpoint,
      ticket,
      tracking_id,
      timeoutMs: WATCH_MS,
      signal: watching.signal,
      onState: (state) => this.draw(state),
      onRetry: ({ pauseMs }) => {
        const seconds = Math.max(1, Math.round(pauseMs / 1000));
        this.connection(`The connection was lost. Trying again in ${seconds} s…`);
      },
    })
      .then((result) => {
        this.connection("");
        byId("payment-refresh", HTMLButtonElement).hidden = result.settled;
      })
      .catch((error: unknown) => {
        if (error instanceof LauncherError && error.code === "aborted") return;
        this.connection("");
        this.failed(error, payment);
      });
  }

  /** What is known before the Worker has answered. */
  private begin(payment: Payment): void {
    const view = byId("payment", HTMLElement);
    delete view.dataset.state;
    byId("payment-title", HTMLHeadingElement).textContent = "Asking for the payment…";
    byId("payment-lead", HTMLParagraphElement).textContent =
      "Only the signed webhook counts, so we ask the edge.";
    byId("payment-amount", HTMLParagraphElement).textContent = money(payment.amount, payment.currency);
    byId("payment-icon", HTMLSpanElement).className = "seal wait";
    byId("payment-icon", HTMLSpanElement).replaceChildren(icon("clock"));
    byId("payment-warning", HTMLParagraphElement).hidden = true;
    byId("payment-reopen", HTMLButtonElement).hidden = true;
    byId("payment-refresh", HTMLButtonElement).hidden = true;
    byId("timeline", HTMLOListElement).replaceChildren();
    byId("facts", HTMLDListElement).replaceChildren();
    this.connection("");
  }

  private draw(state: PaymentState): void {
    const words = stateWords(state.state);
    byId("payment", HTMLElement).dataset.state = state.state;
    // Told by the tab, too: who waits for a bank looks at something else meanwhile.
    document.title = `${words.title} · Marram Wallet`;
    byId("payment-title", HTMLHeadingElement).textContent = words.title;
    byId("payment-lead", HTMLParagraphElement).textContent = words.lead;
    byId("payment-amount", HTMLParagraphElement).textContent = money(state.amount, state.currency);
    const seal = byId("payment-icon", HTMLSpanElement);
    seal.className = `seal ${words.tone}`;
    seal.replaceChildren(icon(words.icon));
    const warning = byId("payment-warning", HTMLParagraphElement);
    warning.hidden = !state.has_conflict;
    warning.textContent = state.has_conflict
      ? "A genuine webhook told something other than what was ordered. It was kept aside for a person to look at, and is not counted as paid."
      : "";
    this.connection("");
    this.drawTimeline(state);
    this.drawFacts(state);
    byId("payment-reopen", HTMLButtonElement).hidden = state.state !== "opened";
    changePayment(state.tracking_id, (payment) => ({ ...payment, state: state.state }));
    this.changed();
    if (this.seen !== state.state) announce(`${words.title}. ${words.lead}`);
    this.seen = state.state;
  }

  private drawTimeline(state: PaymentState): void {
    const isOpening = (event: string) => event === "ticket" || event === "session";
    const told = state.timeline.map((entry) => ({
      at: entry.at,
      words: stepWords(entry),
      opens: isOpening(entry.event),
    }));
    const local = (paymentOf(state.tracking_id)?.steps ?? []).map(({ at, what }) => ({
      at,
      words: LOCAL_STEPS[what],
    }));
    // The opening comes first whatever this device's clock says; the rest by time.
    const later = [...local, ...told.filter(({ opens }) => !opens)];
    later.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    const steps = [...told.filter(({ opens }) => opens), ...later].map(({ at, words }) => row(at, words));
    if (!state.settled) {
      steps.push(
        row(
          "",
          {
            title: "Waiting for the gateway's webhook",
            detail: "This page changes by itself.",
            tone: "wait",
          },
          "next",
        ),
      );
    }
    byId("timeline", HTMLOListElement).replaceChildren(...steps);
  }

  private drawFacts(state: PaymentState): void {
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

  private connection(words: string): void {
    byId("payment-connection", HTMLParagraphElement).textContent = words;
  }
}

function row(at: string, words: StepWords, kind = ""): HTMLLIElement {
  const time = timeOfDay(at);
  return make(
    "li",
    { class: `${words.tone} ${kind}`.trim() },
    make("span", { class: "step-title" }, words.title),
    ...(time ? [make("time", { datetime: at }, time)] : []),
    make("span", { class: "step-detail" }, words.detail),
  );
}
