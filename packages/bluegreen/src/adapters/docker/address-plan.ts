/** What was handed out, by place: `api.green.0`. */
export type HandedOut = Readonly<Record<string, number>>;

export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Hands out numbers of a range to places that have none, the lowest free one first; nobody's number changes, and nobody gets one
 * that is another's. Numbers outside of the range are given up. Undefined where the range is exhausted.
 */
export function handOut(
  places: readonly string[],
  { known, range }: { readonly known: HandedOut; readonly range: AddressRange },
): HandedOut | undefined {
  const kept = new Map(Object.entries(known).filter(([, number]) => number >= range.first && number <= range.last));
  const taken = new Set(kept.values());
  let next = range.first;
  for (const place of places) {
    if (kept.has(place)) continue;
    while (taken.has(next)) next += 1;
    if (next > range.last) return undefined;
    kept.set(place, next);
    taken.add(next);
  }
  return Object.fromEntries(kept);
}

/** Joins what was written down with what containers have: they are right, and no number is left to two places. */
export function reconcile(written: HandedOut, observed: HandedOut): HandedOut {
  const seen = new Set(Object.values(observed));
  const rest = Object.entries(written).filter(
    ([place, number]) => !Object.hasOwn(observed, place) && !seen.has(number),
  );
  return { ...Object.fromEntries(rest), ...observed };
}
