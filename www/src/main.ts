import { byId } from "./dom.js";
import { showProblem } from "./problem.js";
import { show } from "./screens.js";
import { loadConfig } from "./shop.js";
import { Storefront } from "./storefront.js";
import { wireTheme } from "./theme.js";

async function start(): Promise<void> {
  wireTheme(byId("theme", HTMLButtonElement));
  show("loading");
  try {
    new Storefront(await loadConfig()).route();
  } catch (error) {
    show("none");
    showProblem(error, { "Try again": () => location.reload() });
  }
}

void start();
