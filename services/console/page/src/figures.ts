const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** `1,234,567`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** `0`, `0.4`, `12`, `1,240`: per second. */
export function rate(perSecond: number): string {
  return perSecond < 10 ? ONE_DIGIT.format(perSecond) : WHOLE.format(perSecond);
}

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** `512 B`, `1.4 MB`. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${ONE_DIGIT.format(value / 1_000 ** power)} ${UNITS[power]}`;
}

/** `1 record`, `2 records`. */
export function countWithNoun(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
