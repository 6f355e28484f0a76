// A server on this machine that answers as the gateway does, and keeps what it was sent.
import assert from "node:assert/strict";
import { createServer } from "node:http";

export async function localGateway() {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    requests.push({ method: request.method, path: request.url, headers: request.headers, body });
    response.setHeader("content-type", "application/json");
    if (request.url.startsWith("/refusing/")) response.writeHead(422).end('{"error":"user_id is blocked"}');
    else response.end('{"token":"token of the local server"}');
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  // Should a test fail before it closes this, its process ends all the same.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** The two calls of the checks arrived, the amount digit for digit and the key where it belongs. */
    assertCalled: () => {
      const seen = requests.splice(0);
      assert.deepEqual(
        seen.map(({ method, path }) => `${method} ${path}`),
        ["POST /cashier/deposit", "POST /refusing/cashier/deposit"],
      );
      for (const { headers, body } of seen) {
        assert.equal(headers["x-api-key"], "obviously-not-a-key");
        assert.match(headers["content-type"], /^application\/json/);
        assert.match(body, /"amount":10\.05[,}]/);
        assert.equal(JSON.parse(body).request.customer.email, "ada@example.com");
      }
      return seen;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
