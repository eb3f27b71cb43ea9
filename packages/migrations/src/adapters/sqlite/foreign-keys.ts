import type { DatabaseSync } from 'node:sqlite';

/**
 * How many foreign keys refer to rows that do not exist; undefined when the schema has one that refers to columns
 * which are not unique, so that SQLite cannot tell.
 */
export function countViolations(connection: DatabaseSync): number | undefined {
  try {
    return Number(connection.prepare('SELECT count(*) AS count FROM pragma_foreign_key_check').get()?.count);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('foreign key mismatch')) return undefined;
    throw error;
  }
}
