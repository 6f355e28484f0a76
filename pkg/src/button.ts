/**
 * `<cashier-button>`: the launcher as a custom element, for pages without a build step. Importing it defines the element;
 * importing it on a server is harmless.
 *
 * ```html
 * <script type="module" src="/button.js" integrity="sha384-…"></script>
 * <cashier-button endpoint="https://pay.example.com" ticket-url="/checkout/ticket" mode="popup">Pay € 10.05</cashier-button>
 * ```
 *
 * @packageDocumentation
 */
import { CashierButton } from "./button/element.js";

export type { CashierEvent, CashierMode, PaymentState } from "./launcher.js";
export { CashierButton };

declare global {
  interface HTMLElementTagNameMap {
    "cashier-button": CashierButton;
  }
}

if (typeof customElements !== "undefined" && !customElements.get("cashier-button"))
  customElements.define("cashier-button", CashierButton);
