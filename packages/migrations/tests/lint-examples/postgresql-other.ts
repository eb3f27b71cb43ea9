import { alone, contract, type Example } from './example.ts';

const given = 'CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total int, note text);';
const inUse = { dialect: 'postgresql', given, caughtInContract: true } as const;

export const postgresqlOther: readonly Example[] = [
  {
    ...inUse,
    rule: 'not-in-transaction',
    sources: ['squawk ban-concurrent-index-creation-in-transaction'],
    bad: 'CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);',
    safe: [`${alone}CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);`],
  },
  {
    ...inUse,
    rule: 'transaction-control',
    sources: ['squawk transaction-nesting', 'squawk ban-uncommitted-transaction'],
    bad: 'BEGIN;\nALTER TABLE orders ADD COLUMN paid boolean;',
    safe: ['ALTER TABLE orders ADD COLUMN paid boolean;'],
  },
  {
    ...inUse,
    rule: 'unnamed-concurrent-index',
    sources: ['squawk prefer-robust-stmts'],
    bad: `${alone}CREATE INDEX CONCURRENTLY ON orders (customer);`,
    safe: [`${alone}CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);`],
  },
  {
    ...inUse,
    rule: 'truncate-cascade',
    sources: ['squawk ban-truncate-cascade'],
    bad: 'TRUNCATE orders CASCADE;',
    safe: [`${contract}TRUNCATE orders;`],
  },
  {
    ...inUse,
    rule: 'drop-database',
    sources: ['squawk ban-drop-database'],
    bad: `${alone}DROP DATABASE shop;`,
    safe: [],
  },
  {
    ...inUse,
    rule: 'recreate-table',
    sources: ['strong_migrations create_table'],
    bad: 'DROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id bigint PRIMARY KEY);',
    safe: ['CREATE TABLE purchases (id bigint PRIMARY KEY);'],
  },
  {
    ...inUse,
    rule: 'json-column',
    sources: ['strong_migrations add_column_json', 'eugene E3'],
    bad: 'ALTER TABLE orders ADD COLUMN extras json;',
    safe: ['ALTER TABLE orders ADD COLUMN extras jsonb;'],
  },
  {
    ...inUse,
    rule: 'wide-index',
    sources: ['strong_migrations add_index_columns'],
    bad: `${alone}CREATE INDEX CONCURRENTLY orders_all ON orders (customer, total, note, id);`,
    safe: [`${alone}CREATE INDEX CONCURRENTLY orders_some ON orders (customer, total);`],
  },
  {
    ...inUse,
    rule: 'foreign-key-without-index',
    sources: ['eugene E15'],
    bad: 'CREATE TABLE lines (id bigint PRIMARY KEY, part_of bigint REFERENCES orders (id));',
    safe: [
      `CREATE TABLE lines (id bigint PRIMARY KEY, part_of bigint REFERENCES orders (id));
CREATE INDEX lines_part_of ON lines (part_of);`,
    ],
  },
  {
    ...inUse,
    rule: 'cannot-be-judged',
    sources: ['strong_migrations execute'],
    bad: "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'orders'; END $$;",
    safe: [
      `-- lint: allow cannot-be-judged because it only writes a line to the log
DO $$ BEGIN RAISE NOTICE 'hello'; END $$;`,
    ],
  },
];
