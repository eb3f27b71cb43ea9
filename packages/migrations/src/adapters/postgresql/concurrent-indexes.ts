import pg from 'pg';

import { databaseLocked } from '../../database-errors.ts';
import type { ConcurrentIndex } from '../../sql/outside-transaction.ts';
import type { PostgresqlConnection } from './postgresql-connection.ts';

interface FoundIndex {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly isValid: boolean;
  readonly builder: number | undefined;
}

/** A connection, and where names without a schema are looked for first. */
export interface Looking {
  readonly connection: PostgresqlConnection;
  readonly schema: string | undefined;
}

/** What a name stands for as a migration has written it; the search path of the connection may be another one by now. */
export function objectNamed(written: string, schema: string | undefined): string {
  const asWritten = `to_regclass(${pg.escapeLiteral(written)})`;
  if (schema === undefined || written.includes('.')) return asWritten;
  return `COALESCE(to_regclass(${pg.escapeLiteral(`${pg.escapeIdentifier(schema)}.${written}`)}), ${asWritten})`;
}

/** The index of that name on that table, in the state a build has left it in. */
export async function findIndex(
  { connection, schema }: Looking,
  { index, table }: ConcurrentIndex,
): Promise<FoundIndex | undefined> {
  const [found] = await connection.ask(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, i.indisvalid AND i.indisready AS is_valid, p.pid AS builder
     FROM pg_index AS i
     JOIN pg_class AS c ON c.oid = i.indexrelid
     JOIN pg_namespace AS n ON n.oid = c.relnamespace
     LEFT JOIN pg_stat_progress_create_index AS p ON p.index_relid = c.oid
     WHERE i.indrelid = ${objectNamed(table, schema)} AND c.relname = ${pg.escapeLiteral(index)}`,
  );
  const row = found?.rows[0];
  if (row === undefined) return undefined;
  const builder = row.builder === null ? undefined : Number(row.builder);
  return { name: String(row.name), isValid: row.is_valid === true, builder };
}

/** Drops what a build left that did not come to its end; IF NOT EXISTS would take it for the index. */
export async function dropInvalid(looking: Looking, index: ConcurrentIndex): Promise<void> {
  const { connection } = looking;
  const found = await findIndex(looking, index);
  if (found === undefined || found.isValid) return;
  if (found.builder !== undefined) {
    throw databaseLocked(
      connection.location,
      `wait for the build of ${found.name}, see: psql -c "SELECT * FROM pg_stat_progress_create_index"`,
    );
  }
  await connection.run(`DROP INDEX CONCURRENTLY IF EXISTS ${found.name}`, undefined, undefined);
}

export async function refuseInvalid(looking: Looking, index: ConcurrentIndex): Promise<void> {
  const found = await findIndex(looking, index);
  if (found?.isValid !== true) throw new Error(`the index ${index.index} on ${index.table} did not become valid`);
}
