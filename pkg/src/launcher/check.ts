import { LauncherError } from "./error.js";

/** What each option may be: types as `typeof` names them, `element`, `empty` for an empty text, or the allowed words. */
export type Rules<T> = { readonly [Name in keyof Required<T>]: string };

/** Refuses a call that cannot work, before anything is opened or sent, with everything that is wrong with it. */
export function check<T extends object>(options: T, rules: Rules<T>): void {
  if (typeof window === "undefined")
    throw new LauncherError("no_window", "the launcher needs a browser window");
  const known: Readonly<Record<string, string>> = rules;
  const given: Readonly<Record<string, unknown>> = options as object as Record<string, unknown>;
  const wrong = Object.keys({ ...rules, ...options }).flatMap((name) => {
    const value = given[name];
    const kind =
      value === ""
        ? "empty"
        : value === null || Number.isNaN(value)
          ? "nothing"
          : // Not `instanceof`: an element may be another document's.
            Object(value).append
            ? "element"
            : typeof value;
    const rule = known[name] ?? "undefined";
    if (rule.split(" ").some((word) => word === kind || word === value)) return [];
    return known[name] ? `${name} must be: ${rule}` : `${name} is unknown`;
  });
  if (wrong[0]) throw new LauncherError("invalid_options", wrong.join("; "));
}
