import type { UnfinishedMigration } from '../../ports/migration-database.ts';
import { staysInTransaction } from './data-statements.ts';
import type { MysqlConnection } from './mysql-connection.ts';

/**
 * A statement that changes rows is kept together with the fact that it was done, so without that it was not done. Of one
 * that changes the schema nobody knows; nor where there are tables that know no transactions.
 */
export async function resolved(
  connection: MysqlConnection,
  unfinished: UnfinishedMigration,
): Promise<UnfinishedMigration> {
  const { unknown } = unfinished;
  if (unknown === undefined || !staysInTransaction(unknown.sql)) return unfinished;
  return (await hasOtherTables(connection)) ? unfinished : { ...unfinished, unknown: undefined };
}

async function hasOtherTables(connection: MysqlConnection): Promise<boolean> {
  const { rows } = await connection.ask(
    `SELECT COUNT(*) AS others FROM information_schema.tables AS t
     LEFT JOIN information_schema.engines AS e ON e.engine = t.engine
     WHERE t.table_type = 'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES'
     AND t.table_schema NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')`,
  );
  return Number(rows[0]?.others) > 0;
}
