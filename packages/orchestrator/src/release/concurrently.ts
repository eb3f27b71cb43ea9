/**
 * Works on all items side by side. The first failure aborts the others, and only when every one has settled is it
 * thrown: whoever cleans up afterwards finds nobody still at work.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  let first: { readonly error: unknown } | undefined;
  const settled = await Promise.all(
    items.map(async (item) => {
      try {
        return [await work(item, both)];
      } catch (error) {
        first ??= { error };
        failed.abort(error);
        return [];
      }
    }),
  );
  if (first !== undefined) throw first.error;
  return settled.flat();
}
