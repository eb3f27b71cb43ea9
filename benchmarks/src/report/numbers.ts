import type { Spread } from '../measure/statistics.ts';

/** As `251 (240 to 300)`; the spread is left out where all samples are the same. */
export function withSpread(value: number, spread: Spread | null): string {
  if (spread === null || spread.min === spread.max) return short(value);
  return `${short(value)} (${short(spread.min)} to ${short(spread.max)})`;
}

/** Three digits, or all before the decimal point. */
export function short(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
