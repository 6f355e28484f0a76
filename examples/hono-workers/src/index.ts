import { Webhook, type WebhookEvent, WebhookVerificationError } from "edge-cashier/webhook";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

interface Env {
  /** A secret: `npx wrangler secret put WEBHOOK_PASSWORD`. */
  WEBHOOK_PASSWORD: string;
}

const app = new Hono<{ Bindings: Env }>();

app.post("/webhooks", bodyLimit({ maxSize: 64 * 1024 }), async (context) => {
  const webhook = new Webhook(context.env.WEBHOOK_PASSWORD);
  // The signature is over the body as it came: its bytes, not context.req.json().
  const body = await context.req.arrayBuffer();
  let event: WebhookEvent;
  try {
    event = webhook.verify(body, context.req.raw.headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.warn(`webhook refused: ${error.code}`);
    return context.body(null, 401);
  }
  await record(event);
  return context.body(null, 204);
});

// Your database (D1, a Durable Object, …) goes here; await it. An answer of 2xx means "recorded"; after anything else the
// webhook is sent again. Webhooks repeat and arrive out of order: make (transaction_id, status) unique, and credit only
// when that row is new.
async function record(event: WebhookEvent): Promise<void> {
  console.log(`${event.tracking_id} is ${event.status}: ${event.amount} ${event.currency}`);
}

export default app;
