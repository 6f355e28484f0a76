// A small real HTTP server in the gateway's place: it notes what arrives and answers what the test says.
import { once } from "node:events";
import { createServer } from "node:http";

/** @param {(request: {method: string, url: string, headers: object, body: string, n: number}, response: import("node:http").ServerResponse) => void} answer */
export async function startGateway(answer) {
  const requests = [];
  const server = createServer(async (message, response) => {
    const chunks = [];
    for await (const chunk of message) chunks.push(chunk);
    const request = {
      method: message.method,
      url: message.url,
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
      n: requests.length,
    };
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function json(response, status, value, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}
