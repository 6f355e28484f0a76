/** Days as the gateway writes them: the day first. */
const MS_OF_A_DAY = 86_400_000;

/** Why a text is no day. */
export type NoDay = "shape" | "month first" | "no such day";

/** The day, counted from 1970, that `DD?MM?YYYY` is, where `?` is the separator. */
export function dayOf(text: string, separator: "/" | "-"): number | NoDay {
  const parts = text.split(separator);
  const shape = parts.map((part) => (/^\d+$/.test(part) ? part.length : 0)).join();
  if (shape !== "2,2,4") return "shape";
  const [day = 0, month = 0, year = 0] = parts.map(Number);
  return count(year, month, day) ?? (count(year, day, month) === undefined ? "no such day" : "month first");
}

function count(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date.getTime() / MS_OF_A_DAY
    : undefined;
}

/** Today in UTC. */
export function today(): number {
  return Math.floor(Date.now() / MS_OF_A_DAY);
}

/** `DD-MM-YYYY`. */
export function dayText(day: number): string {
  return new Date(day * MS_OF_A_DAY).toISOString().slice(0, 10).split("-").reverse().join("-");
}

const HTTP_DATE = /^(\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** Seconds since 1970 of the date of a HTTP header, in the one form that RFC 9110 lets a sender write: `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(text: string): number | undefined {
  const at = text.indexOf(", ");
  const [found, day, name = "", year, ...clock] = HTTP_DATE.exec(at < 0 ? "" : text.slice(at + 2)) ?? [];
  const month = MONTHS.indexOf(name) / 3 + 1;
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number);
  if (found === undefined || month < 1 || !Number.isInteger(month)) return undefined;
  const days = count(Number(year), month, Number(day));
  if (days === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds;
}
