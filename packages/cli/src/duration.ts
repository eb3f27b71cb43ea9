const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

// Node fires a timer of more than 2^31 ms at once; a day is beyond every use of a command.
const longestMs = 24 * 3_600_000;

/** Reads `500ms`, `90s`, `5m` or `1h` as milliseconds; null for anything else, for zero and for more than 24 hours. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const ms = Number(amount) * (unitsMs[unit] ?? Number.NaN);
  return ms > 0 && ms <= longestMs ? ms : null;
}
