/** A series with its value at one time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A counter at two times; null where it did not exist. */
export interface CounterValues {
  readonly labels: Readonly<Record<string, string>>;
  readonly before: number | null;
  readonly after: number | null;
}

/** How much counters grew. One that fell began anew with its process: what it counted since then is what is known. */
export function growthOf(counters: readonly CounterValues[]): readonly Series[] {
  return counters.flatMap(({ labels, before, after }) => {
    if (after === null) return [];
    const value = before === null || after < before ? after : after - before;
    return [{ labels, value }];
  });
}
