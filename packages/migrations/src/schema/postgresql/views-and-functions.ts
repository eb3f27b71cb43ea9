import { described, describedRelation, type SchemaObject, type Scope } from './scope.ts';

export async function views(scope: Scope): Promise<SchemaObject[]> {
  const rows = await scope.query(
    `SELECT c.oid::text AS oid, c.oid::regclass::text AS name, c.relkind = 'm' AS is_materialized,
       array_to_string(c.reloptions, ', ') AS options, pg_get_viewdef(c.oid) AS query
     FROM pg_class AS c WHERE c.relkind IN ('v', 'm') AND ${describedRelation(scope, 'c')}`,
  );
  return rows.map(({ oid, name, is_materialized: isMaterialized, options, query }) => {
    const kind = isMaterialized === true ? 'MATERIALIZED VIEW' : 'VIEW';
    const settings = options === null ? '' : ` WITH (${String(options)})`;
    const body = String(query).replace(/;\s*$/, '');
    const sql = `CREATE ${kind} ${String(name)}${settings} AS\n${body}${isMaterialized === true ? '\n  WITH NO DATA' : ''};`;
    return { key: `pg_class:${String(oid)}`, name: String(name), sql };
  });
}

export async function functions(scope: Scope): Promise<SchemaObject[]> {
  const rows = await scope.query(
    `SELECT p.oid::text AS oid, p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS sql,
       quote_ident(n.nspname) AS schema, n.nspname AS plain_schema
     FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
     WHERE p.prokind IN ('f', 'p', 'w')
       AND ${described(scope, { catalog: 'pg_proc', oid: 'p.oid', namespace: 'p.pronamespace' })}`,
  );
  return rows.map(({ oid, name, sql, schema, plain_schema: plainSchema }) => {
    // The server writes this one name with its schema always.
    const written = String(sql).trimEnd().replaceAll('\r\n', '\n');
    const text = plainSchema === scope.home ? written.replace(` ${String(schema)}.`, ' ') : written;
    return { key: `pg_proc:${String(oid)}`, name: String(name), sql: `${text};` };
  });
}
