import type { DatabaseSync } from 'node:sqlite';

import type { MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import { givenStatement, givenStatements } from '../../sql/given-sql.ts';
import { promised } from './sqlite-errors.ts';

/** Lends the connection for one statement; throws once nobody may use it any more. */
type LendConnection = <T>(use: (connection: DatabaseSync) => T) => T;

/** What a TypeScript migration or a hook works with. */
export function sqliteMigrationDb(lend: LendConnection): MigrationDb {
  return {
    execute(sql: string, ...params: readonly SqlValue[]): Promise<void> {
      return promised(() => {
        for (const statement of givenStatements(sql, 'sqlite', { single: params.length > 0 }))
          lend((connection) => connection.prepare(statement.sql).run(...params));
      });
    },

    query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Promise<Row[]> {
      return promised(() => {
        const statement = givenStatement(sql, 'sqlite');
        return lend((connection) => connection.prepare(statement.sql).all(...params)) as Row[];
      });
    },
  };
}
