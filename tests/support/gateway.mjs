// A small real HTTP server in the gateway's place, for the ways in which a gateway can fail. It remembers every request that it got.

import { once } from "node:events";
import { createServer } from "node:http";

/** A good reply, with a token of its own each time. */
export const opens = (() => {
  let count = 0;
  return () => ({ status: 200, json: { token: `fake-token-${++count}` } });
})();

/**
 * Starts a gateway. `behave` is one of the behaviours below, or a function that gives one for each request:
 *   { status, json } | { status, text, type } | { delayMs, … } answer | "hang" (never answers) | "drip" (a body that never ends)
 *   | "cut" (breaks off in the body) | "reset" (closes at once) | { large: bytes }
 */
export async function startGateway(behave = opens) {
  const requests = [];
  const open = new Set();
  const gateway = { behave, requests, url: "", stop };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ method: request.method, path: request.url, headers: request.headers, body });
    const behaviour =
      typeof gateway.behave === "function" ? await gateway.behave(requests.length) : gateway.behave;
    await answer(response, behaviour, open);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  gateway.url = `http://127.0.0.1:${server.address().port}`;
  return gateway;

  async function stop() {
    for (const timer of open) clearInterval(timer);
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

async function answer(response, behaviour, open) {
  if (behaviour === "hang") return;
  if (behaviour === "reset") return void response.destroy();
  if (behaviour === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"token":"fa');
    return void setTimeout(() => response.destroy(), 20);
  }
  if (behaviour === "drip") {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 50);
    open.add(timer);
    response.on("close", () => clearInterval(timer));
    return;
  }
  if (behaviour.large) {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(JSON.stringify({ token: "x".repeat(behaviour.large) }));
  }
  if (behaviour.delayMs) await new Promise((done) => setTimeout(done, behaviour.delayMs));
  const { status = 200, json, text, type = "text/html", headers = {} } = behaviour;
  response.writeHead(status, { "content-type": json === undefined ? type : "application/json", ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

/** An address where nothing listens. */
export async function deadAddress() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
