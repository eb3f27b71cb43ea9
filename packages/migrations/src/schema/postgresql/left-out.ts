import { described, describedRelation, type Scope } from './scope.ts';

/** What the database has and the description has not, by kind and name. */
export async function leftOut(scope: Scope): Promise<string[]> {
  const relation = describedRelation(scope, 'c');
  const inCatalog = (catalog: string, prefix: string) =>
    described(scope, { catalog, oid: 'o.oid', namespace: `o.${prefix}namespace` });
  const rows = await scope.query(`
    SELECT 'aggregate ' || o.oid::regprocedure AS what FROM pg_proc AS o WHERE prokind = 'a' AND ${inCatalog('pg_proc', 'pro')}
    UNION ALL SELECT 'collation ' || collname FROM pg_collation AS o WHERE ${inCatalog('pg_collation', 'coll')}
    UNION ALL SELECT 'foreign table ' || c.oid::regclass FROM pg_class AS c WHERE c.relkind = 'f' AND ${relation}
    UNION ALL SELECT 'operator ' || o.oid::regoperator FROM pg_operator AS o WHERE ${inCatalog('pg_operator', 'opr')}
    UNION ALL SELECT 'operator class ' || opcname FROM pg_opclass AS o WHERE ${inCatalog('pg_opclass', 'opc')}
    UNION ALL SELECT 'policy ' || polname || ' on ' || c.oid::regclass FROM pg_policy AS o
      JOIN pg_class AS c ON c.oid = polrelid WHERE ${relation}
    UNION ALL SELECT 'row level security on ' || c.oid::regclass FROM pg_class AS c WHERE c.relrowsecurity AND ${relation}
    UNION ALL SELECT 'rule ' || rulename || ' on ' || c.oid::regclass FROM pg_rewrite AS o
      JOIN pg_class AS c ON c.oid = ev_class WHERE rulename <> '_RETURN' AND ${relation}
    UNION ALL SELECT 'statistics ' || stxname FROM pg_statistic_ext AS o WHERE ${inCatalog('pg_statistic_ext', 'stx')}
    UNION ALL SELECT 'text search configuration ' || cfgname FROM pg_ts_config AS o WHERE ${inCatalog('pg_ts_config', 'cfg')}
    UNION ALL SELECT 'text search dictionary ' || dictname FROM pg_ts_dict AS o WHERE ${inCatalog('pg_ts_dict', 'dict')}
    UNION ALL SELECT 'type ' || o.oid::regtype FROM pg_type AS o
      WHERE (typtype = 'r' OR typtype = 'b' AND typelem = 0 OR typtype = 'b' AND typcategory <> 'A')
      AND ${inCatalog('pg_type', 'typ')}`);
  return rows.map(({ what }) => String(what)).sort();
}
