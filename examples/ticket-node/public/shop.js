// With a bundler this is "edge-cashier/launcher"; without one the server hands out its two files.
import { awaitResult, openCashier } from "/launcher.js";

const state = document.getElementById("state");

// The cashier replaces this page and comes back to it, so what is needed then is kept for this tab.
const launched = JSON.parse(sessionStorage.getItem("launched") ?? "null");
if (launched) await showResult(launched);

document.getElementById("pay").addEventListener("click", async () => {
  try {
    const response = await fetch("/orders/order-1/ticket", { method: "POST" });
    if (!response.ok) throw new Error("this order cannot be paid now");
    const launch = await response.json();
    sessionStorage.setItem("launched", JSON.stringify(launch));
    await openCashier({ endpoint: launch.endpoint, ticket: launch.ticket });
  } catch (error) {
    state.textContent = error.message;
  }
});

// Coming back proves nothing. What was paid, the Worker knows from the gateway's webhook.
async function showResult({ endpoint, ticket, tracking_id }) {
  state.textContent = "Waiting for the payment…";
  try {
    const result = await awaitResult({ endpoint, ticket, tracking_id });
    if (result.settled) sessionStorage.removeItem("launched");
    state.textContent = `The payment is ${result.state}.`;
  } catch (error) {
    state.textContent = error.message;
  }
}
