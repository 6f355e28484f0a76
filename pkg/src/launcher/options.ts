import { LauncherError } from "./error.js";

/** What each option may be: types as `typeof` names them, or the allowed words. */
export type Rules<T> = { readonly [Name in keyof Required<T>]: string };

/** Refuses a call that cannot work, before anything is opened or sent, with everything that is wrong with it. */
export function check<T extends object>(
  options: T,
  rules: Rules<T>,
  ...required: (keyof T & string)[]
): void {
  if (typeof window === "undefined")
    throw new LauncherError("no_window", "the launcher needs a browser window");
  const allowed: Readonly<Record<string, string>> = rules;
  const given = Object.entries(options).filter(
    ([name, value]) =>
      value !== undefined &&
      (value !== "" || name === "endpoint" || !required.includes(name as keyof T & string)),
  );
  const wrong = [
    ...required.filter((name) => !given.some(([one]) => one === name)).map((name) => `${name} is missing`),
    ...given.flatMap(([name, value]) => {
      const words = allowed[name]?.split(" ");
      if (!words) return `${name} is unknown, known are ${Object.keys(rules).join(", ")}`;
      const fits = value !== null && words.some((word) => word === value || word === typeof value);
      return fits ? [] : `${name} must be ${words.join(" or ")}`;
    }),
  ];
  if (wrong[0]) throw new LauncherError("invalid_options", wrong.join("; "));
}
