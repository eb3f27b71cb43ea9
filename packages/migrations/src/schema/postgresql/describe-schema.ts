import type { DatabaseReader } from '../../ports/migration-database.ts';
import { inOrderOfNeed, schemaText } from '../schema-text.ts';
import { leftOut } from './left-out.ts';
import { readNeeds } from './needs.ts';
import { ofTables } from './of-tables.ts';
import { byName, openScope, type Scope } from './scope.ts';
import { ownedSequences, sequences } from './sequences.ts';
import { tables } from './tables.ts';
import { types } from './types.ts';
import { functions, views } from './views-and-functions.ts';

/** By the catalogs alone, so that it is the same wherever it runs: what a `pg_dump` writes differs with its version. */
export async function describePostgresql(reader: DatabaseReader): Promise<string> {
  const scope = await openScope(reader);
  const needs = await readNeeds(scope);
  const made = await functions(scope);
  const objects = [
    ...byName(await types(scope)),
    ...byName(await sequences(scope)),
    ...byName(made),
    ...byName(await tables(scope)),
    ...byName(await views(scope)),
  ].map((object) => ({ ...object, needs: needs.get(object.key) ?? new Set<string>() }));
  return schemaText({
    statements: [
      // Bodies may name what comes later.
      ...(made.length === 0 ? [] : ['SET check_function_bodies = off;']),
      ...(await surroundings(scope)),
      ...inOrderOfNeed(objects).map(({ sql }) => sql),
      ...(await ownedSequences(scope)),
      ...(await ofTables(scope)),
    ],
    leftOut: await leftOut(scope),
  });
}

async function surroundings({ home, isHomeOnly, query }: Scope): Promise<string[]> {
  const schemas = isHomeOnly
    ? []
    : await query(
        `SELECT quote_ident(nspname) AS name FROM pg_namespace AS n
         WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') AND NOT EXISTS (
           SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = n.oid AND deptype = 'e')`,
      );
  const extensions = await query(
    `SELECT quote_ident(extname) AS name, quote_ident(nspname) AS schema, nspname AS plain_schema
     FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname <> 'plpgsql'`,
  );
  return [
    ...byName(schemas.map(({ name }) => ({ name: String(name) }))).map(({ name }) => `CREATE SCHEMA ${name};`),
    ...byName(
      extensions.map((row) => ({ name: String(row.name), schema: String(row.schema), in: row.plain_schema })),
    ).map((one) => `CREATE EXTENSION IF NOT EXISTS ${one.name}${one.in === home ? '' : ` WITH SCHEMA ${one.schema}`};`),
  ];
}
