// What this tab remembers across the trip to the cashier and back. sessionStorage: it ends with the tab, and no other
// tab or origin reads it. A ticket is kept because it alone may ask for the payment's state.
import type { Kind, User } from "./shop.js";

export interface SignedIn {
  readonly session: string;
  readonly user: User;
}

export interface Payment {
  readonly tracking_id: string;
  readonly ticket: string;
  readonly kind: Kind;
  readonly amount: string;
  readonly currency: string;
  /** RFC 3339, by this browser's clock. */
  readonly opened_at: string;
  /** The state that the Worker reported last; for the list only. */
  readonly state: string;
  /** When the customer was sent to the cashier, and was back. */
  readonly steps: readonly LocalStep[];
}

export interface LocalStep {
  readonly at: string;
  readonly what: "cashier_opened" | "cashier_left";
}

const SIGNED_IN = "marram.signed-in";
const PAYMENTS = "marram.payments";
const MOST_PAYMENTS = 20;

function read(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  sessionStorage.setItem(key, JSON.stringify(value));
}

export const signedIn = (): SignedIn | null => read(SIGNED_IN) as SignedIn | null;
export const rememberSignIn = (value: SignedIn): void => write(SIGNED_IN, value);

/** Forgets the customer; payments stay, since their tickets are the only way to see what became of them. */
export const forgetSignIn = (): void => sessionStorage.removeItem(SIGNED_IN);

/** Forgets the customer and the customer's payments. */
export function forgetAll(): void {
  sessionStorage.removeItem(SIGNED_IN);
  sessionStorage.removeItem(PAYMENTS);
}

/** Newest first. */
export function payments(): readonly Payment[] {
  const found = read(PAYMENTS);
  return Array.isArray(found) ? (found as Payment[]) : [];
}

export const paymentOf = (tracking_id: string): Payment | undefined =>
  payments().find((payment) => payment.tracking_id === tracking_id);

/** Adds a payment, or leaves it as it is when it is known. */
export function rememberPayment(payment: Payment): void {
  if (paymentOf(payment.tracking_id)) return;
  write(PAYMENTS, [payment, ...payments()].slice(0, MOST_PAYMENTS));
}

/** Changes a payment that is known; one that was forgotten stays so. */
export function changePayment(tracking_id: string, change: (payment: Payment) => Payment): void {
  if (!paymentOf(tracking_id)) return;
  write(
    PAYMENTS,
    payments().map((payment) => (payment.tracking_id === tracking_id ? change(payment) : payment)),
  );
}

/** Notes that the customer went to the cashier, or came back from it, unless that is where the customer is already. */
export function noteStep(tracking_id: string, what: LocalStep["what"]): void {
  const step = { at: new Date().toISOString(), what };
  changePayment(tracking_id, (payment) => {
    const last = payment.steps.at(-1)?.what ?? "cashier_left";
    return last === what ? payment : { ...payment, steps: [...payment.steps, step] };
  });
}
