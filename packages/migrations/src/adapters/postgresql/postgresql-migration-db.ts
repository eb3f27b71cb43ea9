import type { MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import { givenStatement, givenStatements } from '../../sql/given-sql.ts';
import type { PostgresqlResult } from './postgresql-connection.ts';

/** What a TypeScript migration works with; `run` throws once its attempt has ended. */
export function postgresqlMigrationDb(
  run: (sql: string, values: readonly SqlValue[] | undefined) => Promise<readonly PostgresqlResult[]>,
): MigrationDb {
  // With values a statement is sent in another way than without.
  const given = (params: readonly SqlValue[]) => (params.length === 0 ? undefined : params);
  return {
    async execute(sql: string, ...params: readonly SqlValue[]): Promise<void> {
      for (const statement of givenStatements(sql, 'postgresql', { single: params.length > 0 })) {
        await run(statement.sql, given(params));
      }
    },

    async query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Promise<Row[]> {
      const [result] = await run(givenStatement(sql, 'postgresql').sql, given(params));
      return (result?.rows ?? []) as readonly object[] as Row[];
    },
  };
}
