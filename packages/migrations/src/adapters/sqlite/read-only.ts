import type { DatabaseSync } from 'node:sqlite';

import type { DatabaseReader, SqlValue } from '../../ports/migration-database.ts';
import { promised, translated } from './sqlite-errors.ts';

/** Has `work` look at the database at one moment; closes the connection. */
export async function readOnly<T>(
  file: string,
  connection: DatabaseSync,
  work: (reader: DatabaseReader) => Promise<T>,
): Promise<T> {
  const reached = <R>(use: () => R) => promised(() => translated(file, use));
  try {
    await reached(() => {
      connection.exec('PRAGMA query_only = ON; BEGIN');
    });
    return await work({
      schema: undefined,
      query: <Row extends object>(sql: string, ...params: readonly SqlValue[]) =>
        reached(() => connection.prepare(sql).all(...params) as Row[]),
    });
  } finally {
    connection.close();
  }
}
