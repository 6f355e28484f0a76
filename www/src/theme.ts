type Theme = "light" | "dark";

const KEY = "marram.theme";

/** The customer's choice, or none when the device decides. */
function chosen(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    // Storage may be forbidden; the device's own theme is a fine answer.
    return undefined;
  }
}

/** What is shown now. */
export function currentTheme(): Theme {
  return chosen() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** Writes the choice to the document; without one the style sheet follows the device. */
export function applyTheme(): void {
  const theme = chosen();
  if (theme) document.documentElement.dataset.theme = theme;
}

/** Makes the button switch between light and dark. */
export function wireTheme(button: HTMLButtonElement): void {
  const show = () => button.setAttribute("aria-pressed", String(currentTheme() === "dark"));
  button.addEventListener("click", () => {
    const next = currentTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Then the choice lasts until the page is left.
    }
    button.setAttribute("aria-pressed", String(next === "dark"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}
