import type { Scope } from './scope.ts';

/**
 * Which objects have to be there before others, by their keys. What is part of something, such as a default of its table,
 * stands for that.
 */
export async function readNeeds({ query }: Scope): Promise<Map<string, Set<string>>> {
  const rows = await query(
    `WITH part (catalog, oid, key) AS (
       SELECT 'pg_class', oid, 'pg_class:' || oid FROM pg_class WHERE relkind <> 'c'
       UNION ALL SELECT 'pg_attrdef', oid, 'pg_class:' || adrelid FROM pg_attrdef
       UNION ALL SELECT 'pg_rewrite', oid, 'pg_class:' || ev_class FROM pg_rewrite
       UNION ALL SELECT 'pg_constraint', oid,
         CASE WHEN conrelid <> 0 THEN 'pg_class:' || conrelid ELSE 'pg_type:' || contypid END
         FROM pg_constraint WHERE contype <> 'f' AND convalidated
       UNION ALL SELECT 'pg_proc', oid, 'pg_proc:' || oid FROM pg_proc
       UNION ALL SELECT 'pg_class', c.oid, 'pg_type:' || c.reltype FROM pg_class AS c WHERE relkind = 'c'
       UNION ALL SELECT 'pg_type', t.oid,
         CASE WHEN c.relkind <> 'c' THEN 'pg_class:' || c.oid ELSE 'pg_type:' || COALESCE(e.oid, t.oid) END
         FROM pg_type AS t
         LEFT JOIN pg_type AS e ON e.typarray = t.oid
         LEFT JOIN pg_class AS c ON c.oid = COALESCE(e.typrelid, t.typrelid)
     )
     SELECT DISTINCT one.key AS one, needed.key AS needed
     FROM pg_depend AS d
     JOIN part AS one ON one.catalog::regclass = d.classid AND one.oid = d.objid
     JOIN part AS needed ON needed.catalog::regclass = d.refclassid AND needed.oid = d.refobjid
     WHERE d.deptype = 'n' AND d.objid >= 16384 AND d.refobjid >= 16384 AND one.key <> needed.key
     UNION SELECT 'pg_class:' || inhrelid, 'pg_class:' || inhparent FROM pg_inherits`,
  );
  const needs = new Map<string, Set<string>>();
  for (const { one, needed } of rows) {
    const known = needs.get(String(one)) ?? new Set<string>();
    needs.set(String(one), known.add(String(needed)));
  }
  return needs;
}
