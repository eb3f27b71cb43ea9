import { describedRelation, type Row, type SchemaObject, type Scope } from './scope.ts';
import { sequenceColumns, sequenceOptions } from './sequences.ts';

export async function tables(scope: Scope): Promise<SchemaObject[]> {
  const rows = await scope.query(
    `SELECT c.oid::text AS oid, c.oid::regclass::text AS name, c.relname AS plain_name,
       c.relpersistence = 'u' AS is_unlogged, c.relispartition AS is_partition,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
       array_to_string(c.reloptions, ', ') AS options,
       (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid) AS parents
     FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND ${describedRelation(scope, 'c')}`,
  );
  const columns = byTable(await ownColumns(scope));
  const constraints = byTable(await inlineConstraints(scope));
  return rows.map((row) => {
    const oid = String(row.oid);
    const lines = [
      ...(columns.get(oid) ?? []).map((column) => columnLine(row, column)),
      ...(constraints.get(oid) ?? []).map(({ sql }) => String(sql)),
    ];
    return { key: `pg_class:${oid}`, name: String(row.name), sql: tableSql(row, lines) };
  });
}

function byTable(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const oid = String(row.oid);
    found.set(oid, [...(found.get(oid) ?? []), row]);
  }
  return found;
}

function tableSql(row: Row, lines: readonly string[]): string {
  const create = row.is_unlogged === true ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE';
  const body = lines.length === 0 ? '' : `(\n${lines.map((line) => `    ${line}`).join(',\n')}\n)`;
  const inherits = row.parents === null ? '' : ` INHERITS (${String(row.parents)})`;
  const isPartition = row.is_partition === true;
  const parts = [
    `${create} ${String(row.name)}`,
    isPartition
      ? `PARTITION OF ${String(row.parents)}${body && ` ${body}`} ${String(row.bound)}`
      : `${body || '()'}${inherits}`,
    ...(row.partition_key === null ? [] : [`PARTITION BY ${String(row.partition_key)}`]),
    ...(row.options === null ? [] : [`WITH (${String(row.options)})`]),
  ];
  return `${parts.join(' ')};`;
}

/** Without those that come from a table above. */
function ownColumns(scope: Scope): Promise<Row[]> {
  return scope.query(
    `SELECT c.oid::text AS oid, quote_ident(a.attname) AS name, a.attname AS plain_name,
       format_type(a.atttypid, a.atttypmod) AS type_name, a.attnotnull AS is_required, a.attidentity AS identity,
       a.attgenerated AS generated, pg_get_expr(d.adbin, d.adrelid) AS default,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
       i.relname AS sequence, i.oid::regclass::text AS sequence_name, ${sequenceColumns}
     FROM pg_class AS c
     JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     JOIN pg_type AS t ON t.oid = a.atttypid
     LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
     LEFT JOIN pg_depend AS owned ON a.attidentity <> '' AND owned.refclassid = 'pg_class'::regclass
       AND owned.refobjid = c.oid AND owned.refobjsubid = a.attnum AND owned.deptype = 'i'
     LEFT JOIN pg_class AS i ON i.oid = owned.objid
     LEFT JOIN pg_sequence AS s ON s.seqrelid = owned.objid
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attislocal AND ${describedRelation(scope, 'c')}
     ORDER BY c.oid, a.attnum`,
  );
}

function columnLine(table: Row, column: Row): string {
  const kind = column.generated === 's' ? 'STORED' : 'VIRTUAL';
  const value =
    column.generated === ''
      ? `DEFAULT ${String(column.default)}`
      : `GENERATED ALWAYS AS (${String(column.default)}) ${kind}`;
  const parts = [
    String(column.name),
    String(column.type_name),
    ...(column.collation === null ? [] : [`COLLATE ${String(column.collation)}`]),
    ...(column.default === null ? [] : [value]),
    ...(column.identity === '' ? [] : [identity(table, column)]),
    ...(column.is_required === true ? ['NOT NULL'] : []),
  ];
  return parts.join(' ');
}

function identity(table: Row, column: Row): string {
  const usualName = `${String(table.plain_name)}_${String(column.plain_name)}_seq`;
  const options = [
    ...(column.sequence === usualName ? [] : [`SEQUENCE NAME ${String(column.sequence_name)}`]),
    ...sequenceOptions(column),
  ];
  const generated = `GENERATED ${column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`;
  return options.length === 0 ? generated : `${generated} (${options.join(' ')})`;
}

/** Those that are checked at once and need no other table. */
function inlineConstraints(scope: Scope): Promise<Row[]> {
  return scope.query(
    `SELECT c.oid::text AS oid, format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)) AS sql
     FROM pg_class AS c JOIN pg_constraint AS k ON k.conrelid = c.oid
     WHERE k.contype IN ('p', 'u', 'c', 'x') AND k.conislocal AND k.conparentid = 0 AND k.convalidated
       AND c.relkind IN ('r', 'p') AND ${describedRelation(scope, 'c')}
     ORDER BY c.oid, position(k.contype::text IN 'puxc'), k.conname COLLATE "C"`,
  );
}
