const DURATION_UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const SIZE_UNITS = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;

export const DURATION_PATTERN = /^\d+(ms|s|m|h|d|w)$/;
export const SIZE_PATTERN = /^\d+(b|kb|mb|gb)$/i;

/** `24h` → milliseconds. The text matches `DURATION_PATTERN`. */
export function durationMs(text: string): number {
  return quantity(text, DURATION_UNITS);
}

/** `512kb` → bytes, in powers of 1024. The text matches `SIZE_PATTERN`. */
export function sizeBytes(text: string): number {
  return quantity(text.toLowerCase(), SIZE_UNITS);
}

export const BUDGET_PATTERN = /^(?:[1-9]\d?%|100%|\d+(?:b|kb|mb|gb))$/i;

/** `80%` → a share, `4gb` → bytes. The text matches `BUDGET_PATTERN`. */
export function memoryBudget(text: string): { readonly share: number } | { readonly bytes: number } {
  return text.endsWith("%") ? { share: Number.parseInt(text, 10) / 100 } : { bytes: sizeBytes(text) };
}

function quantity<Unit extends string>(text: string, units: Readonly<Record<Unit, number>>): number {
  const unit = text.replace(/^\d+/, "") as Unit;
  return Number.parseInt(text, 10) * units[unit];
}
