/** Plain English means ours, which is British: "US$4.00", so that nobody takes one dollar for another. */
const locale = () => {
  const lang = document.documentElement.lang || 'en';
  return lang === 'en' ? 'en-GB' : lang;
};

function formatter(currency: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return new Intl.NumberFormat(locale(), { style: 'currency', currency: currency.toUpperCase(), ...options });
}

/** How many digits of a currency stand behind its point: 2 for euros, 0 for yen. */
function digitsOf(currency: string): number {
  return formatter(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** "€1,234.50" from the minor units of a currency. `short` leaves out what is nothing but zeros: "€40". */
export function money(minor: number, currency: string, { short = false }: { short?: boolean } = {}): string {
  const whole = minor / 10 ** digitsOf(currency);
  return formatter(currency, short && Number.isInteger(whole) ? { maximumFractionDigits: 0 } : {}).format(whole);
}

/** "€0.05" from a decimal number of major units, with as many digits as it has: the price of one GB may be a fraction of a cent. */
export function unitPrice(decimal: string, currency: string): string {
  const digits = Math.max(digitsOf(currency), decimal.split('.')[1]?.length ?? 0);
  return formatter(currency, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(Number(decimal));
}

/** "1,600": a count in the page's language. */
export function count(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}
