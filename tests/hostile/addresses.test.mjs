// Addresses in the configuration that would carry secrets elsewhere: refused before the first request, and nothing is sent. What the configuration cannot refuse
// (an https address within the operator's own network) is the operator's to give: no request, ticket or webhook can change an address.

import assert from "node:assert/strict";
import { it } from "node:test";
import { startGateway } from "../support/gateway.mjs";
import { openSession, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

const VARIABLES = ["GATEWAY_BASE_URL", "CASHIER_URL", "MERCHANT_WEBHOOK_URL"];
const DELIVERY_SECRET = "whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0";

for (const [what, address] of [
  ["a file", "file:///etc/passwd"],
  ["data", "data:text/plain,x"],
  ["a script", "javascript:alert(1)"],
  ["another protocol", "ftp://shop.example.com/x"],
  ["with a password in it", "https://user:pass-4711@shop.example.com/x"],
  ["with a user in it", "https://user-4711@shop.example.com/x"],
  ["unencrypted", "http://shop.example.com/x"],
  ["unencrypted, of a machine's metadata", "http://169.254.169.254/latest/meta-data"],
  ["unencrypted, of a private network", "http://10.0.0.1/x"],
  ["unencrypted, with this machine's name at its beginning", "http://localhost.evil.example/x"],
  ["unencrypted, with this machine's name as a user", "http://localhost:4711@evil.example/x"],
  ["without a host", "https:///x"],
  ["with a line end in it", "https://shop.example.com/x\r\nx-injected: yes"],
])
  it(`an address ${what} is refused for every variable, and the answer does not repeat it`, async () => {
    const worker = await startWorker({
      vars: {
        GATEWAY_BASE_URL: address,
        CASHIER_URL: `${address}/{token}`,
        MERCHANT_WEBHOOK_URL: address,
        DELIVERY_SECRET,
      },
    });
    try {
      const response = await openSession(worker, (await ticket()).jwt);
      const { code, detail } = await response.json();
      assert.deepEqual([response.status, code], [503, "configuration"]);
      for (const name of VARIABLES) assert.ok(detail.includes(`${name}: `), `${name} is not in ${detail}`);
      for (const part of ["4711", "evil", "169.254", "passwd"]) assert.ok(!detail.includes(part), detail);
    } finally {
      await worker.stop();
    }
  });

it("the gateway cannot send the Worker to another address by a redirect", async () => {
  const elsewhere = await startGateway();
  const gateway = await startGateway();
  const worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
  try {
    for (const status of [301, 302, 303, 307, 308]) {
      gateway.behave = { status, text: "", headers: { location: `${elsewhere.url}/stolen` } };
      const response = await openSession(worker, (await ticket()).jwt);
      assert.equal(response.status, 502, `${status}`);
    }
    assert.equal(gateway.requests.length, 5);
    assert.deepEqual(elsewhere.requests, []);
  } finally {
    await worker.stop();
    await gateway.stop();
    await elsewhere.stop();
  }
});
