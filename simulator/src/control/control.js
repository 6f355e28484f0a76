// Reads the page again every two seconds and shows what has changed, but not where somebody is reading or about to press a button.
const refresh = document.querySelector("[data-refresh]");
const box = refresh.querySelector("input");
refresh.hidden = false;

const isInUse = (section) =>
  section.contains(document.activeElement) || section.querySelector("details[open]");

async function update() {
  if (!box.checked || document.hidden) return;
  const response = await fetch(`/control${location.search}`).catch(() => undefined);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const section of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(section.id);
    if (next && next.innerHTML !== section.innerHTML && !isInUse(section)) {
      section.replaceChildren(...next.childNodes);
    }
  }
}

async function forever() {
  for (;;) {
    await new Promise((done) => setTimeout(done, 2000));
    await update();
  }
}
void forever();
