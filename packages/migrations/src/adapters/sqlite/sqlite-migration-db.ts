import type { DatabaseSync } from 'node:sqlite';

import type { MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import { givenStatement, givenStatements } from '../../sql/given-sql.ts';
import { promised } from './sqlite-errors.ts';

/** What a TypeScript migration works with. `connection` throws once the transaction has ended. */
export function sqliteMigrationDb(connection: () => DatabaseSync): MigrationDb {
  return {
    execute(sql: string, ...params: readonly SqlValue[]): Promise<void> {
      return promised(() => {
        for (const statement of givenStatements(sql, 'sqlite', { single: params.length > 0 }))
          connection()
            .prepare(statement.sql)
            .run(...params);
      });
    },

    query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Promise<Row[]> {
      return promised(
        () =>
          connection()
            .prepare(givenStatement(sql, 'sqlite').sql)
            .all(...params) as Row[],
      );
    },
  };
}
