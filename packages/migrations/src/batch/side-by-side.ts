export interface SideBySideOptions {
  /** How many items are worked on at once, at most. */
  readonly concurrency: number;
  /** Aborting it begins no further item; what is being worked on goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of an item. */
export type Settled<Result> =
  | { readonly kind: 'returned'; readonly result: Result }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'not-begun' };

/**
 * Works on all items, some side by side, begun in their order. One that throws stops no other one, so this never
 * rejects. What became of them is in the order of the items.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  { concurrency, signal }: SideBySideOptions,
  work: (item: Item) => Promise<Result>,
): Promise<Settled<Result>[]> {
  const settled = items.map((): Settled<Result> => ({ kind: 'not-begun' }));
  const left = items.entries();
  const workOnThem = async () => {
    // One iterator for all of them: each item is taken once.
    for (const [index, item] of left) {
      if (signal?.aborted === true) return;
      settled[index] = await outcomeOf(work, item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, workOnThem));
  return settled;
}

async function outcomeOf<Item, Result>(work: (item: Item) => Promise<Result>, item: Item): Promise<Settled<Result>> {
  try {
    return { kind: 'returned', result: await work(item) };
  } catch (error) {
    return { kind: 'threw', error };
  }
}
