// A gateway that a test tells how to answer the decisions on payouts, and that says what it was asked.

import { opens, startGateway } from "./gateway.mjs";

export const DECISIONS = ["approve", "reject"];
export const OTHER = { approve: "reject", reject: "approve" };
/** What was decided, as the Worker says it. */
export const PAST = { approve: "approved", reject: "rejected" };
/** How the gateway says that it took a decision. */
export const TAKEN = {
  approve: {
    json: {
      message: "Transaction Withdrawal has been approved successfully",
      transaction_status: "pending",
    },
  },
  reject: { json: {} },
};

/** A transaction's state, as the gateway answers it. */
export const state = (transaction_status) => ({ json: { transaction_status } });

/**
 * Starts it. `gateway.at` is how it behaves: a function each for `approve`, `reject` and `status`; `gateway.reset()` makes it take
 * everything again. `gateway.asked(payment)` is what it was asked about a payout: `approve`, `reject` and `state`, in order.
 */
export async function startPayoutGateway() {
  const gateway = await startGateway();
  gateway.reset = () => {
    gateway.at = {
      approve: () => TAKEN.approve,
      reject: () => TAKEN.reject,
      status: () => state("pending"),
    };
  };
  gateway.reset();
  gateway.behave = () => {
    const { path } = gateway.requests.at(-1);
    if (path === "/payouts/approve") return gateway.at.approve();
    if (path === "/payouts/reject") return gateway.at.reject();
    return path.startsWith("/transactions/") ? gateway.at.status() : opens();
  };
  gateway.asked = ({ tracking_id }) => {
    const about = gateway.requests.filter(
      ({ path, body }) =>
        path === `/transactions/${tracking_id}` ||
        (path.startsWith("/payouts/") && body.includes(tracking_id)),
    );
    return about.map(({ path }) => path.match(/^\/payouts\/(\w+)$/)?.[1] ?? "state");
  };
  return gateway;
}
