/**
 * Has the shop's backend sign a ticket. It answers with the ticket itself or with JSON that has it as `ticket`; cookies go
 * to the page's own origin alone.
 */
export async function fetchTicket(url: string, method: string): Promise<string> {
  const response = await fetch(url, {
    method,
    headers: { accept: "application/json, text/plain" },
    credentials: "same-origin",
    cache: "no-store",
  });
  if (!response.ok) throw new Error(`the ticket-url answered ${response.status}`);
  const text = (await response.text()).trim();
  if (!text.startsWith("{")) return text;
  const { ticket } = JSON.parse(text) as { readonly ticket?: unknown };
  if (typeof ticket !== "string") throw new Error('the JSON of the ticket-url has no text "ticket"');
  return ticket;
}
