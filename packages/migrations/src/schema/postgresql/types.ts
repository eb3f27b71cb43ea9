import { described, type Row, type SchemaObject, type Scope } from './scope.ts';

const ofTypes = { catalog: 'pg_type', oid: 't.oid', namespace: 't.typnamespace' };

/** Enumerations, domains and composite types. */
export async function types(scope: Scope): Promise<SchemaObject[]> {
  const enums = await scope.query(
    `SELECT t.oid::text AS oid, t.oid::regtype::text AS name,
       (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) AS labels
     FROM pg_type AS t WHERE t.typtype = 'e' AND ${described(scope, ofTypes)}`,
  );
  const domains = await scope.query(
    `SELECT t.oid::text AS oid, t.oid::regtype::text AS name, format_type(t.typbasetype, t.typtypmod) AS base,
       CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END AS collation,
       t.typdefault AS default, t.typnotnull AS is_required,
       (SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(c.oid)), '' ORDER BY conname)
        FROM pg_constraint AS c WHERE contypid = t.oid AND contype = 'c') AS checks
     FROM pg_type AS t JOIN pg_type AS b ON b.oid = t.typbasetype
     WHERE t.typtype = 'd' AND ${described(scope, ofTypes)}`,
  );
  const composites = await scope.query(
    `SELECT t.oid::text AS oid, t.oid::regtype::text AS name,
       (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped) AS attributes
     FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid
     WHERE c.relkind = 'c' AND ${described(scope, ofTypes)}`,
  );
  return [
    ...enums.map(({ oid, name, labels }) =>
      object(oid, name, `CREATE TYPE ${String(name)} AS ENUM (${text(labels)});`),
    ),
    ...domains.map((row) => object(row.oid, row.name, domain(row))),
    ...composites.map(({ oid, name, attributes }) =>
      object(oid, name, `CREATE TYPE ${String(name)} AS (${text(attributes)});`),
    ),
  ];
}

function domain(row: Row): string {
  const parts = [
    `CREATE DOMAIN ${String(row.name)} AS ${String(row.base)}`,
    ...(row.collation === null ? [] : [`COLLATE ${String(row.collation)}`]),
    ...(row.default === null ? [] : [`DEFAULT ${String(row.default)}`]),
    ...(row.is_required === true ? ['NOT NULL'] : []),
  ];
  return `${parts.join(' ')}${text(row.checks)};`;
}

function object(oid: Row[string] | undefined, name: Row[string] | undefined, sql: string): SchemaObject {
  return { key: `pg_type:${String(oid)}`, name: String(name), sql };
}

function text(value: Row[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
