import { byName, describedRelation, literal, type Row, type Scope } from './scope.ts';

/** What is added to tables that are there. */
export async function ofTables(scope: Scope): Promise<string[]> {
  return [
    ...(await differingDefaults(scope)),
    ...(await indexes(scope)),
    ...(await laterConstraints(scope, "k.contype = 'c' AND NOT k.convalidated")),
    ...(await laterConstraints(scope, "k.contype = 'f'")),
    ...(await triggers(scope)),
    ...(await comments(scope)),
  ];
}

/** Of columns that come from a table above with another default. */
async function differingDefaults(scope: Scope): Promise<string[]> {
  const rows = await scope.query(
    `SELECT DISTINCT c.oid::regclass::text || ' ' || a.attname AS name, format('ALTER TABLE ONLY %s ALTER COLUMN %I %s;',
       c.oid::regclass, a.attname, COALESCE('SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), 'DROP DEFAULT')) AS sql
     FROM pg_class AS c
     JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
     JOIN pg_inherits AS i ON i.inhrelid = c.oid
     JOIN pg_attribute AS above ON above.attrelid = i.inhparent AND above.attname = a.attname
     LEFT JOIN pg_attrdef AS ad ON ad.adrelid = above.attrelid AND ad.adnum = above.attnum
     WHERE (c.relispartition OR NOT a.attislocal) AND a.attgenerated = '' AND a.attidentity = ''
       AND pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_get_expr(ad.adbin, ad.adrelid)
       AND ${describedRelation(scope, 'c')}`,
  );
  return sorted(rows, ({ sql }) => String(sql));
}

async function indexes(scope: Scope): Promise<string[]> {
  const rows = await scope.query(
    `SELECT i.indexrelid::regclass::text AS name, x.relkind = 'I' AS is_partitioned,
       i.indisvalid AND i.indisready AS is_valid, pg_get_indexdef(i.indexrelid, 0, true) AS sql
     FROM pg_index AS i
     JOIN pg_class AS c ON c.oid = i.indrelid
     JOIN pg_class AS x ON x.oid = i.indexrelid
     WHERE NOT x.relispartition AND c.relkind IN ('r', 'p', 'm') AND ${describedRelation(scope, 'c')}
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))`,
  );
  return sorted(rows, ({ sql, is_partitioned: isPartitioned, is_valid: isValid }) => {
    const text = isPartitioned === true ? String(sql).replace(' ON ONLY ', ' ON ') : String(sql);
    return isValid === true ? `${text};` : `-- Invalid, left by a build that did not come to its end:\n-- ${text};`;
  });
}

async function laterConstraints(scope: Scope, condition: string): Promise<string[]> {
  const rows = await scope.query(
    `SELECT c.oid::regclass::text || ' ' || k.conname AS name,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s;', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS sql
     FROM pg_class AS c JOIN pg_constraint AS k ON k.conrelid = c.oid
     WHERE ${condition} AND k.conislocal AND k.conparentid = 0 AND ${describedRelation(scope, 'c')}`,
  );
  return sorted(rows, ({ sql }) => String(sql));
}

const whenItFires: Readonly<Record<string, string>> = { D: 'DISABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' };

async function triggers(scope: Scope): Promise<string[]> {
  const rows = await scope.query(
    `SELECT c.oid::regclass::text AS "table", quote_ident(t.tgname) AS trigger, t.tgenabled AS enabled,
       c.oid::regclass::text || ' ' || t.tgname AS name, pg_get_triggerdef(t.oid, true) AS sql
     FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ${describedRelation(scope, 'c')}`,
  );
  return sorted(rows, ({ table, trigger, enabled, sql }) => {
    const fires = whenItFires[String(enabled)];
    const change = fires === undefined ? '' : `\nALTER TABLE ${String(table)} ${fires} TRIGGER ${String(trigger)};`;
    return `${String(sql)};${change}`;
  });
}

/** Those of tables, views and their columns. */
async function comments(scope: Scope): Promise<string[]> {
  const rows = await scope.query(
    `SELECT c.oid::regclass::text AS object, c.relkind AS kind, quote_ident(a.attname) AS column, d.description,
       c.oid::regclass::text || to_char(d.objsubid, ' 00000') AS name
     FROM pg_description AS d
     JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
     LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND ${describedRelation(scope, 'c')}`,
  );
  return sorted(rows, ({ object, kind, column, description }) => {
    const relation = kind === 'v' ? 'VIEW' : kind === 'm' ? 'MATERIALIZED VIEW' : 'TABLE';
    const on = column === null ? `${relation} ${String(object)}` : `COLUMN ${String(object)}.${String(column)}`;
    return `COMMENT ON ${on} IS ${textLiteral(String(description))};`;
  });
}

function textLiteral(text: string): string {
  return text.includes('\\') ? `E${literal(text.replaceAll('\\', '\\\\'))}` : literal(text);
}

function sorted(rows: readonly Row[], sqlOf: (row: Row) => string): string[] {
  return byName(rows.map((row) => ({ name: String(row.name), sql: sqlOf(row) }))).map(({ sql }) => sql);
}
