import { Webhook, WebhookVerificationError } from "edge-cashier/webhook";
import express from "express";

const webhook = new Webhook(process.env.WEBHOOK_PASSWORD);
const app = express();

// The signature is over the body as it came, so this route takes bytes. It stands before any express.json().
app.post("/webhooks", express.raw({ type: () => true, limit: "64kb" }), async (request, response) => {
  let event;
  try {
    event = webhook.verify(request.body ?? "", request.headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.warn(`webhook refused: ${error.code}`);
    response.sendStatus(401);
    return;
  }
  await record(event);
  response.sendStatus(204);
});

// Your database goes here. An answer of 2xx means "recorded"; after anything else the webhook is sent again. Webhooks
// repeat and arrive out of order: make (transaction_id, status) unique, and credit only when that row is new.
async function record(event) {
  console.log(`${event.tracking_id} is ${event.status}: ${event.amount} ${event.currency}`);
}

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
