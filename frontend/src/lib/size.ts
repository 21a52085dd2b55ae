const NBSP = '\u00a0';
const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** "1.84 GB": decimal units, three figures at most, as disks and browsers count. */
export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)}${NBSP}B`;
  let value = count;
  let unit = -1;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits)).toLocaleString('en-GB')}${NBSP}${UNITS[unit]}`;
}
