// The eight operations of the built package against the simulated gateway, over real HTTP. What went over the wire is read
// on the other side, and every body is written out here, digit for digit.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { withEachClient } from "./clients.mjs";
import { API_KEY, CARD, CUSTOMER, payment } from "./gateway.mjs";

const CUSTOMER_TEXT =
  '"first_name":"John","last_name":"Doe","kyc_status":"passed","email":"user@example.com","zip_code":"12345",' +
  '"address":"123 Main Street","city":"New York","dob":"05/03/2000","country_code":"GB",' +
  '"phone":{"country":"GB","number":783433252,"prefix":44}';

withEachClient(({ at, call, reply, runtime }) => {
  /** The one request that reached the at(). */
  async function sent(trackingId) {
    const requests = await at().requests(trackingId);
    assert.equal(requests.length, 1);
    const [request] = requests;
    assert.equal(request.headers["x-api-key"], API_KEY);
    assert.match(request.headers["user-agent"], /^edge-cashier\/\d+\.\d+\.\d+ /);
    assert.match(request.headers["user-agent"], runtime());
    return request;
  }

  test("hosted_deposit opens the cashier", async () => {
    const answer = await reply("hostedDeposit", {
      mode: "test",
      theme: "dark",
      settings: { a: { b: [1, "2"] } },
      user_id: "128",
      tracking_id: "order/1 é",
      ip: "127.34.125.54",
      amount: "10.50",
      currency: "EUR",
      amount_restricted: true,
      customer: { max_deposit_limit: 1000, ...CUSTOMER },
    });
    assert.match(answer.token, /^\S{20,}$/);
    assert.equal(answer.cashier_url, `${at().url}/cashier/${answer.token}`);
    const request = await sent("order/1 é");
    assert.equal(`${request.method} ${request.path}`, "POST /cashier/deposit");
    assert.equal(request.headers["content-type"], "application/json");
    assert.equal(
      request.body,
      '{"request":{"mode":"test","theme":"dark","settings":{"a":{"b":[1,"2"]}},"user_id":"128","tracking_id":"order/1 é",' +
        '"ip":"127.34.125.54","amount":10.50,"currency":"EUR","amount_restricted":true,' +
        `"customer":{"max_deposit_limit":1000,${CUSTOMER_TEXT}}}}`,
    );
  });

  for (const [amount, currency, digits] of [
    [10.05, "EUR", "10.05"],
    ["10", "EUR", "10"],
    [0.1, "EUR", "0.1"],
    ["1234567890123456.78", "USD", "1234567890123456.78"],
    ["0.010", "KWD", "0.010"],
    [10000, "JPY", "10000"],
  ]) {
    test(`an amount of ${JSON.stringify(amount)} ${currency} is ${digits} on the wire`, async () => {
      await reply("hostedDeposit", payment({ tracking_id: "digits", amount, currency }));
      const { body } = await sent("digits");
      assert.equal(
        body,
        `{"request":{"settings":{},"user_id":"128","tracking_id":"digits","amount":${digits},"currency":"${currency}"}}`,
      );
    });
  }

  test("hosted_withdrawal, and approve_payout by the merchant's id", async () => {
    const answer = await reply(
      "hostedWithdrawal",
      payment({ tracking_id: "payout-1", theme: "dark", customer: CUSTOMER }),
    );
    const opened = await sent("payout-1");
    assert.equal(`${opened.method} ${opened.path}`, "POST /cashier/withdrawal");
    assert.equal(
      opened.body,
      '{"request":{"theme":"dark","settings":{},"user_id":"128","tracking_id":"payout-1","amount":10.05,"currency":"EUR",' +
        `"customer":{${CUSTOMER_TEXT}}}}`,
    );
    await at().decide(answer.cashier_url, "approve");
    await at().webhook("payout-1", "pending");
    const approved = await reply("approvePayout", { transaction_id: "payout-1" });
    assert.deepEqual(Object.keys(approved), ["message", "transaction_status"]);
    assert.equal(approved.transaction_status, "pending");
    const request = (await at().requests("payout-1")).find(({ operation }) => operation === "approve_payout");
    assert.equal(`${request.method} ${request.path}`, "POST /payouts/approve");
    assert.equal(request.body, '{"transaction_id":"payout-1"}');
    assert.equal((await at().webhook("payout-1", "successful")).amount, "10.05");
  });

  test("reject_payout by the gateway's id, which the webhook gave", async () => {
    const { cashier_url } = await reply("hostedWithdrawal", payment({ tracking_id: "payout-2" }));
    await at().decide(cashier_url, "approve");
    const { transaction_id } = await at().webhook("payout-2", "pending");
    assert.notEqual(transaction_id, "payout-2");
    assert.deepEqual(await reply("rejectPayout", { transaction_id }), {});
    const request = (await at().requests("payout-2")).find(({ operation }) => operation === "reject_payout");
    assert.equal(`${request.method} ${request.path}`, "POST /payouts/reject");
    assert.equal(request.body, `{"transaction_id":"${transaction_id}"}`);
    assert.equal(request.headers["x-api-key"], API_KEY);
    const status = await reply("transactionStatus", "payout-2");
    assert.equal(status.transaction_status, "rejected");
    assert.ok(status.rejected_reason.length > 0);
  });

  test("direct_payment sends the user to the provider", async () => {
    const answer = await reply(
      "directPayment",
      payment({ tracking_id: "direct-1", mode: "test", provider_id: 210 }),
    );
    assert.ok(answer.url.startsWith(`${at().url}/`));
    assert.equal(answer.transaction_status, "pending");
    const request = await sent("direct-1");
    assert.equal(`${request.method} ${request.path}`, "POST /payments/direct");
    assert.equal(
      request.body,
      '{"request":{"mode":"test","provider_id":210,"settings":{},"user_id":"128","tracking_id":"direct-1","amount":10.05,"currency":"EUR"}}',
    );
  });

  test("card_payment: approved, refused, and with 3-D Secure", async () => {
    const pay = (tracking_id, card_number) =>
      reply("cardPayment", {
        request: payment({ tracking_id, routing_id: 210 }),
        card_details: { ...CARD, card_number },
      });
    const approved = await pay("card-1", "4111111111111111");
    assert.equal(approved.transaction_status, "successful");
    assert.ok(!approved.url);
    const request = await sent("card-1");
    assert.equal(`${request.method} ${request.path}`, "POST /payments/card");
    const refused = await pay("card-2", "4000000000000002");
    assert.equal(refused.transaction_status, "rejected");
    assert.equal(refused.error, "Do not honour");
    const challenged = await pay("card-3", "4000000000003220");
    assert.equal(challenged.transaction_status, "pending");
    assert.ok(challenged.url.startsWith(`${at().url}/`));
  });

  test("card_payment's own bytes: the simulator keeps no card, so a bare server looks", async (t) => {
    let seen;
    const server = createServer(async (request, response) => {
      seen = { line: `${request.method} ${request.url}`, body: await text(request) };
      response
        .writeHead(200, { "content-type": "application/json" })
        .end('{"url":"","transaction_status":"pending"}');
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const task = { request: payment({ tracking_id: "card-4", routing_id: 210 }), card_details: CARD };
    const { reply: answer } = await call("cardPayment", [task], { baseUrl });
    assert.equal(answer.transaction_status, "pending");
    assert.deepEqual(seen, {
      line: "POST /payments/card",
      body:
        '{"request":{"routing_id":210,"settings":{},"user_id":"128","tracking_id":"card-4","amount":10.05,"currency":"EUR"},' +
        '"card_details":{"holder_name":"John Doe","card_number":"4111111111111111","cvc":"444","exp_month":"05","exp_year":"2035"}}',
    });
  });

  test("transaction_status by an id that needs escaping, before and after the user paid", async () => {
    const id = "a/b ?#%é";
    const { cashier_url } = await reply("hostedDeposit", payment({ tracking_id: id }));
    assert.deepEqual(await reply("transactionStatus", id), { transaction_status: "pending" });
    const request = (await at().requests(id)).find(({ operation }) => operation === "transaction_status");
    assert.equal(`${request.method} ${request.path}`, "GET /transactions/a%2Fb%20%3F%23%25%C3%A9");
    assert.equal(request.body, "");
    assert.equal(request.headers["x-api-key"], API_KEY);
    assert.equal(request.headers["content-type"], undefined);
    await at().decide(cashier_url, "approve");
    assert.deepEqual(await reply("transactionStatus", id), { transaction_status: "successful" });
  });

  test("list_transactions: a day's rows, with the amount as it was paid", async () => {
    const { cashier_url } = await reply("hostedDeposit", payment({ tracking_id: "listed", amount: "10.50" }));
    await at().decide(cashier_url, "approve");
    const { transaction_id } = await at().webhook("listed", "successful");
    const rows = await reply("listTransactions");
    assert.equal(rows.length, 1);
    const [row] = rows;
    assert.equal(
      row.gateway_transaction_id === transaction_id || row.transaction_id === transaction_id,
      true,
    );
    assert.deepEqual(
      [row.transaction_type, row.status, row.currency, Number(row.amount), row.customer_id],
      ["deposit", "successful", "EUR", 10.5, 128],
    );
    assert.match(row.transaction_date, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const request = (await at().requests()).find(({ operation }) => operation === "list_transactions");
    assert.equal(`${request.method} ${request.path}`, "GET /transactions");
    const none = await reply("listTransactions", { from: "01-08-2024", to: "08-08-2024" });
    assert.deepEqual(none, []);
  });

  test("transactions(): a month in windows that the gateway allows, in order, each day once", async () => {
    assert.deepEqual(await reply("transactions", { from: "28-02-2024", to: "31-03-2024" }), []);
    const paths = (await at().requests()).map(({ method, path }) => `${method} ${path}`);
    const windows = paths.map((path) =>
      /^GET \/transactions\?from=(\d\d-\d\d-\d{4})&to=(\d\d-\d\d-\d{4})$/.exec(path).slice(1),
    );
    const day = (date) =>
      Date.UTC(
        ...date
          .split("-")
          .reverse()
          .map((part, at) => Number(part) - (at === 1 ? 1 : 0)),
      ) / 86_400_000;
    let next = day("28-02-2024");
    for (const [from, to] of windows) {
      assert.equal(day(from), next, "a day is missing or asked for twice");
      assert.ok(day(to) >= day(from) && day(to) - day(from) <= 7, `${from} to ${to} is more than 7 days`);
      next = day(to) + 1;
    }
    assert.equal(next, day("31-03-2024") + 1);
  });

  test("what is not valid is not sent", async () => {
    const { error } = await call("hostedDeposit", [
      { amuont: 1, amount: 10.005, currency: "EUR", user_id: "128", tracking_id: "never" },
    ]);
    assert.equal(error.type, "ValidationError");
    assert.equal(error.code, "validation_failed");
    assert.deepEqual(error.violations.map(({ path }) => path).sort(), ["request.amount", "request.amuont"]);
    assert.deepEqual(await at().requests(), []);
  });
});
