// A Worker that uses the package as a merchant's Worker would: bundled, with the `workerd` condition, no compatibility flag.
import { perform } from "./perform.mjs";

export default {
  async fetch(request) {
    return Response.json(await perform(await request.json()));
  },
};
