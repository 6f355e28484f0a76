import { Webhook, type WebhookEvent, WebhookVerificationError } from "edge-cashier/webhook";

const webhook = new Webhook(process.env.WEBHOOK_PASSWORD ?? "");

const server = Bun.serve({
  port: process.env.PORT ?? 3000,
  maxRequestBodySize: 64 * 1024,
  routes: { "/webhooks": { POST: receive } },
});
console.log(`listening on http://localhost:${server.port}`);

async function receive(request: Request): Promise<Response> {
  // The signature is over the body as it came: its bytes, not request.json().
  const body = await request.arrayBuffer();
  let event: WebhookEvent;
  try {
    event = webhook.verify(body, request.headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.warn(`webhook refused: ${error.code}`);
    return new Response(null, { status: 401 });
  }
  await record(event);
  return new Response(null, { status: 204 });
}

// Your database goes here. An answer of 2xx means "recorded"; after anything else the webhook is sent again. Webhooks
// repeat and arrive out of order: make (transaction_id, status) unique, and credit only when that row is new.
async function record(event: WebhookEvent): Promise<void> {
  console.log(`${event.tracking_id} is ${event.status}: ${event.amount} ${event.currency}`);
}
