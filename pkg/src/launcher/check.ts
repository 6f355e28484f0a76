import { LauncherError } from "./error.js";

/** What each option may be: types as `typeof` names them, `element`, `empty` for an empty text, or the allowed words. */
export type Rules<T> = { readonly [Name in keyof Required<T>]: string };

/** Refuses a call that cannot work, before anything is opened or sent, with everything that is wrong with it. */
export function check<T extends object>(options: T, rules: Rules<T>): void {
  if (typeof window === "undefined") throw new LauncherError("no_window", "there is no browser window");
  const wrong: string[] = [];
  for (const name in { ...rules, ...options }) {
    const value: unknown = options[name];
    const rule: string | undefined = rules[name];
    const words = (rule ?? "undefined").split(" ");
    if (!words.some((word) => word === value || word === kindOf(value)))
      wrong.push(rule ? `${name} must be: ${rule}` : `${name} is unknown`);
  }
  if (wrong[0]) throw new LauncherError("invalid_options", wrong.join("; "));
}

function kindOf(value: unknown): string {
  if (value === "") return "empty";
  if (value === null || Number.isNaN(value)) return `${value}`;
  // Not `instanceof`: an element may be another document's.
  return Object(value).append ? "element" : typeof value;
}
