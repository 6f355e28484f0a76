import { byId, icon, make } from "./dom.js";
import type { User } from "./shop.js";

const countries = new Intl.DisplayNames(undefined, { type: "region", fallback: "code" });

function countryName(code: string): string {
  try {
    return countries.of(code) ?? code;
  } catch {
    // Not a code of a region: shown as it came.
    return code;
  }
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("");

/** Shows the demo customers; one press signs in. */
export function showUsers(users: readonly User[], choose: (user: User) => Promise<void>): void {
  const list = byId("users", HTMLUListElement);
  const buttons = users.map((user) => {
    const button = make(
      "button",
      { type: "button", class: "user", "data-user-id": user.user_id },
      make("span", { class: "initials", "aria-hidden": "true" }, initials(user.name)),
      make("span", { class: "user-name" }, user.name),
      make("span", { class: "user-place" }, `${countryName(user.country)} · ${user.currency}`),
      icon("arrow"),
    );
    button.addEventListener("click", async () => {
      for (const other of buttons) other.disabled = true;
      button.setAttribute("aria-busy", "true");
      try {
        await choose(user);
      } finally {
        for (const other of buttons) other.disabled = false;
        button.removeAttribute("aria-busy");
      }
    });
    return button;
  });
  list.replaceChildren(...buttons.map((button) => make("li", {}, button)));
}
