import { byName, describedRelation, type Row, type SchemaObject, type Scope } from './scope.ts';

/** The condition for a sequence to be part of an identity column. */
const isIdentity = `EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
  AND refclassid = 'pg_class'::regclass AND deptype = 'i')`;

export const sequenceColumns = `format_type(s.seqtypid, NULL) AS type, s.seqstart::text AS start,
  s.seqincrement::text AS increment, s.seqmax::text AS max, s.seqmin::text AS min, s.seqcache::text AS cache,
  s.seqcycle AS is_cycle`;

const largest: Readonly<Record<string, string>> = {
  smallint: '32767',
  integer: '2147483647',
  bigint: '9223372036854775807',
};

export async function sequences(scope: Scope): Promise<SchemaObject[]> {
  const rows = await scope.query(
    `SELECT c.oid::text AS oid, c.oid::regclass::text AS name, c.relpersistence = 'u' AS is_unlogged, ${sequenceColumns}
     FROM pg_class AS c JOIN pg_sequence AS s ON s.seqrelid = c.oid
     WHERE c.relkind = 'S' AND NOT ${isIdentity} AND ${describedRelation(scope, 'c')}`,
  );
  return rows.map((row) => {
    const type = row.type === 'bigint' ? [] : [`AS ${String(row.type)}`];
    const create = row.is_unlogged === true ? 'CREATE UNLOGGED SEQUENCE' : 'CREATE SEQUENCE';
    const sql = `${[create, String(row.name), ...type, ...sequenceOptions(row)].join(' ')};`;
    return { key: `pg_class:${String(row.oid)}`, name: String(row.name), sql };
  });
}

/** What differs from a sequence that nothing is said about. */
export function sequenceOptions({ type, start, increment, min, max, cache, is_cycle: isCycle }: Row): string[] {
  const isDown = String(increment).startsWith('-');
  const limit = largest[String(type)] ?? '';
  const [usualMin, usualMax] = isDown ? [`-${(BigInt(limit) + 1n).toString()}`, '-1'] : ['1', limit];
  return [
    ...(increment === '1' ? [] : [`INCREMENT BY ${String(increment)}`]),
    ...(min === usualMin ? [] : [`MINVALUE ${String(min)}`]),
    ...(max === usualMax ? [] : [`MAXVALUE ${String(max)}`]),
    ...(start === (isDown ? max : min) ? [] : [`START WITH ${String(start)}`]),
    ...(cache === '1' ? [] : [`CACHE ${String(cache)}`]),
    ...(isCycle === true ? ['CYCLE'] : []),
  ];
}

/** Sequences that go with a column, as those of `serial` do. */
export async function ownedSequences(scope: Scope): Promise<string[]> {
  const rows = await scope.query(
    `SELECT c.oid::regclass::text AS name, d.refobjid::regclass::text AS "table", quote_ident(a.attname) AS column
     FROM pg_class AS c
     JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'
       AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
     JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE c.relkind = 'S' AND ${describedRelation(scope, 'c')}`,
  );
  const owned = rows.map(({ name, table, column }) => {
    return { name: String(name), sql: `ALTER SEQUENCE ${String(name)} OWNED BY ${String(table)}.${String(column)};` };
  });
  return byName(owned).map(({ sql }) => sql);
}
