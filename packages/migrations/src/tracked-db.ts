import type { MigrationDb, SqlValue } from './ports/migration-database.ts';

/**
 * The database for a function that may forget an `await`: after its end, `settled` waits for the calls that go on, and
 * fails when one of them did.
 */
export function trackedDb(db: MigrationDb): { readonly db: MigrationDb; settled(): Promise<void> } {
  const calls = new Set<Promise<unknown>>();
  let failure: { readonly error: unknown } | undefined;
  const tracked = <T>(call: Promise<T>): Promise<T> => {
    const watched = call
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => calls.delete(watched));
    calls.add(watched);
    return call;
  };
  return {
    db: {
      execute: (sql: string, ...params: readonly SqlValue[]) => tracked(db.execute(sql, ...params)),
      query: <Row extends object>(sql: string, ...params: readonly SqlValue[]) =>
        tracked(db.query<Row>(sql, ...params)),
    },
    async settled() {
      if (calls.size === 0) return;
      failure = undefined;
      while (calls.size > 0) await Promise.all(calls);
      // Assigned by the calls that were waited for.
      const late = failure as { readonly error: unknown } | undefined;
      if (late !== undefined) throw late.error;
    },
  };
}
