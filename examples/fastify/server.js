import { Webhook, WebhookVerificationError } from "edge-cashier/webhook";
import Fastify from "fastify";

const webhook = new Webhook(process.env.WEBHOOK_PASSWORD);
const app = Fastify();

// A plugin of its own: within it bodies stay bytes, since the signature is over the body as it came. Every other route
// of the app keeps its JSON parser.
app.register(async (receiver) => {
  receiver.removeAllContentTypeParsers();
  receiver.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: 64 * 1024 }, (_request, body, done) =>
    done(null, body),
  );

  receiver.post("/webhooks", async (request, reply) => {
    let event;
    try {
      event = webhook.verify(request.body ?? "", request.headers);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      console.warn(`webhook refused: ${error.code}`);
      return reply.code(401).send();
    }
    await record(event);
    return reply.code(204).send();
  });
});

// Your database goes here. An answer of 2xx means "recorded"; after anything else the webhook is sent again. Webhooks
// repeat and arrive out of order: make (transaction_id, status) unique, and credit only when that row is new.
async function record(event) {
  console.log(`${event.tracking_id} is ${event.status}: ${event.amount} ${event.currency}`);
}

await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`listening on http://localhost:${app.server.address().port}`);
