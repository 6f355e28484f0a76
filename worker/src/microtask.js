// `queueMicrotask` by promises. Each future of wasm-bindgen is woken through it, some six times a webhook, and workerd's own makes and wraps a function at each call:
// an eighth of the processor time of a webhook.

export function queueByPromises() {
  globalThis.queueMicrotask = async (task) => {
    try {
      await undefined;
      task();
    } catch (error) {
      // As the platform's own does: worker-build's entry point hears of a panic by it, and makes a new instance.
      reportError(error);
    }
  };
}
