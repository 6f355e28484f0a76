/** Objects of options, which may be anything. */
import { ValidationError } from "../errors.js";

/** A copy of an options object whose getters have run. It has no prototype, from which an option could come that nobody gave. */
export function plain<T>(given: unknown, path: string): T {
  let cause: unknown;
  try {
    if (typeof given === "object" && given !== null && !Array.isArray(given))
      return Object.assign(Object.create(null), given) as T;
  } catch (error) {
    cause = error;
  }
  throw new ValidationError([{ path, code: "type", message: "must be an object" }], { cause });
}
