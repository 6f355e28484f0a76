// The fields of the inspector: what is in them, what is wrong with it, and what the browser did to it on the way in.
import { byId } from "./dom.js";

const LINE_END_DROPPED =
  "What you pasted has a line end, which a field of one line drops. Your program does not: see that its value has none.";

type Control = HTMLInputElement | HTMLTextAreaElement;

abstract class Field {
  protected abstract readonly control: Control;
  private readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get refused(): boolean {
    return this.control.getAttribute("aria-invalid") === "true";
  }

  /** Says at the field why it cannot be used; an empty text takes that back. */
  refuse(message: string): void {
    byId(`${this.id}-error`, HTMLParagraphElement).textContent = message;
    if (message === "") this.control.removeAttribute("aria-invalid");
    else this.control.setAttribute("aria-invalid", "true");
  }

  note(message: string): void {
    byId(`${this.id}-note`, HTMLParagraphElement).textContent = message;
  }

  focus(): void {
    this.control.closest("details")?.setAttribute("open", "");
    this.control.focus();
  }

  clear(): void {
    this.control.value = "";
    this.note("");
    this.refuse("");
  }
}

/** A field of one line; a secret one has a button that shows it. */
export class LineField extends Field {
  protected readonly control: HTMLInputElement;

  constructor(id: string) {
    super(id);
    this.control = byId(id, HTMLInputElement);
    this.control.addEventListener("paste", ({ clipboardData }) => {
      this.note(/[\r\n]/.test(clipboardData?.getData("text") ?? "") ? LINE_END_DROPPED : "");
    });
    const reveal = document.querySelector<HTMLButtonElement>(`.reveal[aria-controls="${id}"]`);
    reveal?.addEventListener("click", () => {
      const shown = this.control.type === "password";
      this.control.type = shown ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(shown));
    });
  }

  get value(): string {
    return this.control.value;
  }

  set value(text: string) {
    this.clear();
    this.control.value = text;
  }
}

/** The body: text that was pasted, or the bytes of a file as long as its text is not edited. */
export class BodyField extends Field {
  protected readonly control = byId("body", HTMLTextAreaElement);
  private bytes: Uint8Array | undefined;

  constructor() {
    super("body");
    this.control.addEventListener("input", () => {
      this.bytes = undefined;
      this.note("");
    });
    const chosen = byId("body-file", HTMLInputElement);
    chosen.addEventListener("change", () => {
      const [file] = chosen.files ?? [];
      // The same file again, changed meanwhile, is to be read again.
      if (file) void this.open(file).then(() => (chosen.value = ""));
    });
    const area = byId("body-field", HTMLDivElement);
    // Dropped beside the field, a file would be opened in place of this page.
    document.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    document.addEventListener("drop", (event) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      if (event.target instanceof Node && area.contains(event.target)) void this.open(file);
    });
  }

  get value(): string | Uint8Array {
    return this.bytes ?? this.control.value;
  }

  set value(body: string | Uint8Array) {
    this.clear();
    if (typeof body === "string") this.control.value = body;
    else this.control.value = new TextDecoder().decode(body);
    this.bytes = typeof body === "string" ? undefined : body;
  }

  override clear(): void {
    super.clear();
    this.bytes = undefined;
  }

  private async open(file: File): Promise<void> {
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      this.value = bytes;
      // Of what was shown before, nothing holds any more.
      this.control.dispatchEvent(new CustomEvent("opened", { bubbles: true }));
      this.note(`${file.name}, ${bytes.length} bytes, exactly as they are until you edit the text.`);
    } catch (error) {
      this.clear();
      this.refuse(
        `${file.name} could not be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
