/**
 * `base` with `override` laid over it: objects merge key by key, everything else, lists too, is replaced whole.
 * What is undefined in `override` changes nothing.
 */
export function merge(base: unknown, override: unknown): unknown {
  if (override === undefined) return base;
  if (!isRecord(base) || !isRecord(override)) return override;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(override)) merged.set(key, merge(merged.get(key), value));
  return Object.fromEntries(merged);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
