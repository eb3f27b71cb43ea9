const factorsOfTime: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `1m30s` or `500ms`; null for what is no such time. */
export function durationMs(text: unknown): number | null {
  if (typeof text !== 'string' || !/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)];
  return Math.round(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (factorsOfTime[unit] ?? 0), 0));
}

/** `512m` of what compose takes: a number of bytes, or one with a unit; null for what is no amount from 1 KB on. */
export function amountOf(value: unknown): string | null {
  const found = /^(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?$/i.exec(String(value).trim());
  if (found === null) return null;
  const [, count = '', unit = ''] = found;
  if (unit !== '' && unit.toLowerCase() !== 'b') return `${count}${unit.toLowerCase()}`;
  const bytes = Number(count);
  const larger = (
    [
      ['g', 1024 ** 3],
      ['m', 1024 ** 2],
      ['k', 1024],
    ] as const
  ).find(([, size]) => bytes > 0 && bytes % size === 0);
  if (larger !== undefined) return `${bytes / larger[1]}${larger[0]}`;
  return bytes >= 1024 ? `${bytes / 1024}k` : null;
}
