// Tells the page that shows the cashier, in a frame or as a popup, that it is there, how tall it is and, in a frame, that
// Escape was pressed, which that page does not hear. Nothing about money: whoever wants to know of a payment asks the merchant. The cashier works without this script.
(() => {
  const { shopOrigin } = document.currentScript.dataset;
  const isFramed = window.parent !== window;
  const shop = isFramed ? window.parent : window.opener;
  if (!shop || !shopOrigin) return;

  const root = document.documentElement;
  // In a frame that takes the page's height, a page that fills its window would never shrink.
  if (isFramed) root.dataset.framed = "";

  const send = (message) => shop.postMessage(message, shopOrigin);
  let sent;
  const resize = () => {
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (height === sent) return;
    sent = height;
    send({ type: "resize", height });
  };
  if (isFramed)
    addEventListener("keydown", ({ key }) => {
      if (key === "Escape") send({ type: "close" });
    });
  addEventListener("load", () => {
    send({ type: "ready" });
    new ResizeObserver(resize).observe(root);
  });
})();
