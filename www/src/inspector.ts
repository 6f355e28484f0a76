// The webhook inspector: a form, and what the core says about it. Nothing is sent and nothing is kept.
import { announce, byId, make } from "./dom.js";
import { PUBLISHED, VARIATIONS } from "./inspector-examples.js";
import { BodyField, LineField } from "./inspector-fields.js";
import { type Core, type Given, inspect, type Inspection } from "./inspector-inspect.js";
import { hideInspection, markStale, showInspection } from "./inspector-result.js";
import { wireTheme } from "./theme.js";

/** Fields by the paths of the core's violations. */
const FIELDS = {
  body: new BodyField(),
  signature: new LineField("signature"),
  password: new LineField("password"),
  candidates: new LineField("candidate"),
} as const;

/** Which field an error of `verify` is about, when it is about one. */
const FIELD_OF: Readonly<Record<string, keyof typeof FIELDS>> = {
  no_signature: "signature",
  signature_not_hex: "signature",
  signature_length: "signature",
  not_json: "body",
  body_too_large: "body",
  not_a_webhook: "body",
};

function fieldOf(path: string): BodyField | LineField {
  return Object.hasOwn(FIELDS, path) ? FIELDS[path as keyof typeof FIELDS] : FIELDS.password;
}

/** On a narrow screen the result is below the form. */
function bringIntoView(section: HTMLElement): void {
  const { top } = section.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) section.scrollIntoView({ block: "start" });
}

function showFailure(title: string, error: unknown): void {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${error.cause})` : "";
  byId("empty", HTMLElement).hidden = true;
  byId("core-failed", HTMLElement).hidden = false;
  byId("core-failed-title", HTMLHeadingElement).textContent = title;
  byId("core-failed-cause", HTMLSpanElement).textContent = `${error}${cause}`;
}

class Inspector {
  /** Loaded as soon as the page is, so that nothing is fetched any more when something is pasted. */
  private readonly core: Promise<Core | undefined> = this.load();
  private readonly form = byId("inspector-form", HTMLFormElement);

  constructor() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.verify();
    });
    this.form.addEventListener("reset", () => this.clear());
    for (const change of ["input", "opened"]) this.form.addEventListener(change, () => markStale(true));
    this.form.addEventListener("keydown", (event) => {
      const wanted = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (wanted) this.form.requestSubmit();
    });
    byId("example", HTMLButtonElement).addEventListener("click", () => void this.fill(PUBLISHED));
    const variations = Object.entries(VARIATIONS).map(([name, given]) => {
      const button = make("button", { type: "button", class: "chip" }, name);
      button.addEventListener("click", () => void this.fill(given));
      return button;
    });
    byId("variations", HTMLDivElement).replaceChildren(...variations);
    byId("reload", HTMLButtonElement).addEventListener("click", () => location.reload());
  }

  private async load(): Promise<Core | undefined> {
    try {
      const core = await import("edge-cashier");
      byId("core-loading", HTMLParagraphElement).hidden = true;
      document.documentElement.dataset.core = "ready";
      return core;
    } catch (error) {
      showFailure("The verifier could not be loaded", error);
      document.documentElement.dataset.core = "failed";
      return undefined;
    }
  }

  private async verify(): Promise<void> {
    const core = await this.core;
    if (!core) {
      byId("core-failed", HTMLElement).focus();
      return;
    }
    const given: Given = {
      body: FIELDS.body.value,
      signature: FIELDS.signature.value,
      password: FIELDS.password.value,
      candidate: FIELDS.candidates.value,
    };
    for (const field of Object.values(FIELDS)) field.refuse("");
    try {
      const inspection = inspect(core, given);
      byId("core-failed", HTMLElement).hidden = true;
      showInspection(given, inspection);
      markStale(false);
      this.markFields(inspection);
    } catch (error) {
      // Not a refusal, which is an answer: the core itself has failed.
      hideInspection();
      showFailure("The verifier has failed", error);
    }
  }

  /** Says at each field what is wrong with it, and leads to the first that keeps a verdict from being given. */
  private markFields({ violations, verdict }: Inspection): void {
    for (const { path, message } of violations) fieldOf(path).refuse(message);
    const event = verdict?.event;
    const wrong = event instanceof Error && FIELD_OF[event.code];
    if (wrong) FIELDS[wrong].refuse(event.message);
    if (violations.length > 0) {
      Object.values(FIELDS)
        .find((field) => field.refused)
        ?.focus();
    } else bringIntoView(byId("result", HTMLElement));
  }

  private async fill({ body, signature, password, candidate }: Given): Promise<void> {
    FIELDS.body.value = body;
    FIELDS.signature.value = signature;
    FIELDS.password.value = password;
    FIELDS.candidates.value = candidate;
    await this.verify();
  }

  private clear(): void {
    for (const field of Object.values(FIELDS)) field.clear();
    hideInspection();
    announce("Everything was cleared.");
    FIELDS.body.focus();
  }
}

wireTheme(byId("theme", HTMLButtonElement));
new Inspector();
