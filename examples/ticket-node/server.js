import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { launchTicket } from "./ticket.js";

// Your own sign-in and your own orders take the place of these two.
const signedInUser = {
  id: "128",
  customer: { first_name: "John", last_name: "Doe", email: "john.doe@example.com", country_code: "GB" },
};
const orders = new Map([["order-1", { amount: "10.05", currency: "EUR" }]]);

const launcher = import.meta.resolve("edge-cashier/launcher");
const files = {
  "/": ["text/html; charset=utf-8", new URL("public/index.html", import.meta.url)],
  "/shop.js": ["text/javascript", new URL("public/shop.js", import.meta.url)],
  "/launcher.js": ["text/javascript", launcher],
  // The launcher loads it for a cashier in a frame.
  "/launcher-frame.js": ["text/javascript", new URL("launcher-frame.js", launcher)],
};

const server = createServer(async (request, response) => {
  try {
    await answer(request, response);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const [, orderId] = /^\/orders\/([\w-]+)\/ticket$/.exec(pathname) ?? [];
  if (request.method === "POST" && orderId !== undefined) {
    // Only the order's number comes from the browser; what it costs is ours to say.
    const order = orders.get(orderId);
    if (!order) return response.writeHead(404).end();
    const launch = await launchTicket(signedInUser, order);
    response.writeHead(201, { "content-type": "application/json", "cache-control": "no-store" });
    return response.end(
      JSON.stringify({ ...launch, endpoint: process.env.CASHIER_ENDPOINT ?? "http://localhost:8787" }),
    );
  }
  const [type, file] = files[pathname] ?? [];
  if (request.method !== "GET" || !file) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": type });
  return response.end(await readFile(fileURLToPath(file)));
}

server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
