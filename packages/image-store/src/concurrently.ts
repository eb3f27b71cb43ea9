// Enough to hide the way to the registry and back, few enough for none to take it for an attack.
const workers = 8;

/** Works on all items, a few at once; results in their order. After a failure no other begins, and none goes on. */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const rest = each(items);
  const worker = async () => {
    // A loop that is left by an error ends the generator, and so the loops of the others.
    for (const [index, item] of rest) results[index] = await work(item);
  };
  const settled = await Promise.allSettled(Array.from({ length: workers }, worker));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return results;
}

function* each<Item>(items: readonly Item[]) {
  yield* items.entries();
}
