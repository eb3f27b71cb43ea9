import type { DatabaseReader } from '../../ports/migration-database.ts';
import { ownTables } from '../schema-text.ts';

/** Numbers are asked for as text. */
export type Row = Readonly<Record<string, string | boolean | null>>;

/** Where the described objects are, and how to ask for them. */
export interface Scope {
  /** The schema whose names are written without it; the only one described when the database was opened with one. */
  readonly home: string;
  readonly isHomeOnly: boolean;
  readonly query: (sql: string) => Promise<Row[]>;
}

/** Something that others may need, or that needs others. */
export interface SchemaObject {
  /** Its catalog and number. */
  readonly key: string;
  readonly name: string;
  readonly sql: string;
}

/** What the text of a value would depend on otherwise. */
const settings = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  quote_all_identifiers: 'off',
};

/** Names of other schemas are then written with theirs, by the server's own functions too. */
export async function openScope({ schema, query }: DatabaseReader): Promise<Scope> {
  const home = schema ?? 'public';
  await query("SELECT set_config('search_path', quote_ident($1), true)", home);
  for (const [name, value] of Object.entries(settings)) await query('SELECT set_config($1, $2, true)', name, value);
  return { home, isHomeOnly: schema !== undefined, query: (sql) => query<Row>(sql) };
}

/** The condition for an object of that catalog to be described: in a schema of its own, and no part of an extension. */
export function described(
  { home, isHomeOnly }: Scope,
  { catalog, oid, namespace }: { readonly catalog: string; readonly oid: string; readonly namespace: string },
): string {
  const where = isHomeOnly
    ? `(SELECT nspname FROM pg_namespace WHERE oid = ${namespace}) = ${literal(home)}`
    : `(SELECT nspname !~ '^pg_' AND nspname <> 'information_schema' FROM pg_namespace WHERE oid = ${namespace})`;
  return `${where} AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid}
    AND deptype = 'e')`;
}

/** The condition for what belongs to a table or view. */
export function describedRelation(scope: Scope, alias: string): string {
  const own = `${alias}.relname NOT LIKE '${ownTables}' ESCAPE '!' AND ${alias}.relpersistence <> 't'`;
  return `${own} AND ${described(scope, { catalog: 'pg_class', oid: `${alias}.oid`, namespace: `${alias}.relnamespace` })}`;
}

/** Found by name, not by the database's rules for sorting. */
export function byName<Named extends { readonly name: string }>(objects: readonly Named[]): Named[] {
  return objects.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
