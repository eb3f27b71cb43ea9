import type { DatabaseReader } from '../../ports/migration-database.ts';
import { ownTables, schemaText } from '../schema-text.ts';

/** SQLite keeps the text that everything was made with, brought up to date by ALTER TABLE. */
export async function describeSqlite({ query }: DatabaseReader): Promise<string> {
  // What virtual tables keep their data in is made together with them.
  const rows = await query<{ readonly sql: string }>(
    `SELECT sql FROM sqlite_master
     WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND tbl_name NOT LIKE ? ESCAPE '!'
     AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
     ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, tbl_name, name`,
    ownTables,
  );
  return schemaText({ statements: rows.map(({ sql }) => `${sql.replaceAll('\r\n', '\n')};`), leftOut: [] });
}
