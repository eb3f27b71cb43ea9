import type { MigrationDb, SqlValue } from '../ports/migration-database.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import { givenStatements } from '../sql/given-sql.ts';

/** The database for a function whose statements are kept one by one: each is tried again until its locks are free. */
export function patientDb(
  db: MigrationDb,
  dialect: SqlDialect,
  whenUnlocked: <T>(attempt: () => Promise<T>) => Promise<T>,
): MigrationDb {
  return {
    async execute(sql: string, ...params: readonly SqlValue[]): Promise<void> {
      for (const statement of givenStatements(sql, dialect, { single: params.length > 0 })) {
        await whenUnlocked(() => db.execute(statement.sql, ...params));
      }
    },

    query: <Row extends object>(sql: string, ...params: readonly SqlValue[]) =>
      whenUnlocked(() => db.query<Row>(sql, ...params)),
  };
}
