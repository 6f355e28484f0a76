import { ValidationError } from "./errors.js";

/** A copy of an options object whose getters have run. */
export function plain<T>(given: unknown, path: string): T {
  let problem: unknown;
  try {
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return { ...given } as T;
  } catch (error) {
    problem = error;
  }
  throw new ValidationError(
    [{ path, code: "type", message: "must be an object" }],
    problem === undefined ? undefined : { cause: problem },
  );
}
