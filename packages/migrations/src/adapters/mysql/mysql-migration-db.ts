import type { MigrationDb, SqlValue } from '../../ports/migration-database.ts';
import { givenStatement, givenStatements } from '../../sql/given-sql.ts';
import type { MysqlConnection, MysqlResult, RunLimits } from './mysql-connection.ts';

/** What a TypeScript migration works with; `run` throws once its attempt has ended. */
export function mysqlMigrationDb(run: (sql: string, values: readonly SqlValue[]) => Promise<MysqlResult>): MigrationDb {
  return {
    async execute(sql: string, ...params: readonly SqlValue[]): Promise<void> {
      for (const statement of givenStatements(sql, 'mysql', { single: params.length > 0 })) {
        await run(statement.sql, params);
      }
    },

    async query<Row extends object>(sql: string, ...params: readonly SqlValue[]): Promise<Row[]> {
      const { rows } = await run(givenStatement(sql, 'mysql').sql, params);
      return rows as readonly object[] as Row[];
    },
  };
}

/** Has a function work on the database until it ends, each of its statements kept at once. */
export async function useAlone(
  connection: MysqlConnection,
  limits: RunLimits,
  work: (db: MigrationDb) => Promise<void>,
): Promise<void> {
  const state = { isOver: false };
  const db = mysqlMigrationDb(async (sql, values) => {
    if (state.isOver) throw new Error('the function that was given the database has ended');
    return connection.run(sql, values, limits);
  });
  try {
    await work(db);
  } finally {
    state.isOver = true;
  }
}
