import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";

// The Worker's TICKET_SECRET and TICKET_AUDIENCE. The secret never reaches a browser.
const secret = new TextEncoder().encode(process.env.TICKET_SECRET ?? "");
const audience = process.env.TICKET_AUDIENCE ?? "edge-cashier";

if (secret.length < 32)
  throw new Error("TICKET_SECRET is missing or too short: set the Worker's, 32 bytes or more");

/**
 * A launch ticket: a JWT that lets one user pay one amount, once. The Worker takes money and identity from it and from
 * nowhere else, so everything in it comes from your own records, never from the browser.
 */
export async function launchTicket(user, order) {
  // Store it with the order: webhooks carry it back. The same tracking id opens the same payment, never a second one.
  const trackingId = randomUUID();
  const ticket = await new SignJWT({
    operation: "hosted_deposit",
    amount: order.amount,
    currency: order.currency,
    amount_restricted: true,
    customer: user.customer,
  })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user.id)
    .setJti(trackingId)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("10 minutes")
    .sign(secret);
  return { ticket, tracking_id: trackingId };
}
