/** How many decimals a currency has (2 for EUR, 0 for JPY, 3 for KWD). */
function decimalsOf(currency: string): number {
  return (
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/**
 * Money for people. The digits are those of the text: a decimal in a string is formatted exactly, and never becomes a
 * binary fraction on the way.
 */
export function money(amount: string, currency: string): string {
  try {
    // The cast is the standard library's name for "a decimal in a string".
    return new Intl.NumberFormat(undefined, {
      style: "currency",
      currency,
      minimumFractionDigits: decimalsOf(currency),
      maximumFractionDigits: 20,
    }).format(amount as `${number}`);
  } catch {
    // A webhook may name what is no currency: shown as it came.
    return `${amount} ${currency}`;
  }
}

/** What is typed into an amount field: the exact decimal, or what to change. */
type ReadAmount =
  | { readonly amount: string; readonly error?: undefined }
  | { readonly amount?: undefined; readonly error: string };

/** Reads an amount without ever leaving decimal digits: `10,05`, ` 10.05 ` and `010.05` are `10.05`. */
export function readAmount(typed: string, currency: string): ReadAmount {
  const text = typed.trim();
  if (text === "") return { error: "Enter an amount, for example 10.05." };
  const found = /^(\d{1,9})(?:[.,](\d{1,9}))?$/.exec(text);
  if (!found) return { error: "Use digits and one decimal point, for example 10.05." };
  const [, whole = "", fraction = ""] = found;
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) {
    const most = decimals === 0 ? "no decimals" : `at most ${decimals} decimals`;
    return { error: `${currency} has ${most}.` };
  }
  if (/^0*$/.test(whole + fraction)) return { error: "The amount must be more than zero." };
  return { amount: whole.replace(/^0+(?=\d)/, "") + (fraction && `.${fraction}`) };
}

/** Amounts offered as buttons, of a size that suits the currency. */
export function quickAmounts(currency: string): readonly string[] {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return ["1000", "2500", "5000", "10000"];
  return ["10.05", "25", "50", "100"];
}
