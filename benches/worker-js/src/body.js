// Reads a body of at most `cap` bytes, whatever its sender announces.
import { Problem } from "./respond.js";

export async function read(request, cap) {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    // HTTP itself ends a body at its Content-Length.
    if (Number(announced) > cap) throw tooLarge();
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > cap) throw tooLarge();
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function tooLarge() {
  return new Problem(413, "payload_too_large", "A webhook has at most 64 KiB.");
}
