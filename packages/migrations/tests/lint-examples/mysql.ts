import { contract, type Example } from './example.ts';

const given = `CREATE TABLE orders (
  id BIGINT PRIMARY KEY AUTO_INCREMENT,
  customer BIGINT,
  total INT NOT NULL DEFAULT 0,
  note VARCHAR(40),
  KEY by_total (total)
);`;
const customers = 'CREATE TABLE customers (id BIGINT PRIMARY KEY);';
const online = 'ALGORITHM=INPLACE, LOCK=NONE';
const instant = 'ALGORITHM=INSTANT';

const breaks = { dialect: 'mysql', given, caughtInContract: false } as const;
const blocks = { dialect: 'mysql', given, caughtInContract: true } as const;

export const mysqlBreaking: readonly Example[] = [
  {
    ...breaks,
    rule: 'drop-table',
    sources: [],
    bad: 'DROP TABLE orders;',
    safe: [`${contract}DROP TABLE orders;`],
  },
  {
    ...breaks,
    rule: 'drop-column',
    sources: ['strong_migrations remove_column'],
    bad: `ALTER TABLE orders DROP COLUMN note, ${online};`,
    safe: [`${contract}ALTER TABLE orders DROP COLUMN note, ${online};`],
  },
  {
    ...breaks,
    rule: 'rename-column',
    sources: ['strong_migrations rename_column'],
    bad: `ALTER TABLE orders CHANGE note remark VARCHAR(40), ${online};`,
    safe: [
      `ALTER TABLE orders ADD COLUMN remark VARCHAR(40), ${instant};`,
      'UPDATE orders SET remark = note WHERE id BETWEEN 1 AND 10000;',
      `${contract}ALTER TABLE orders DROP COLUMN note, ${online};`,
    ],
  },
  {
    ...breaks,
    rule: 'rename-table',
    sources: ['strong_migrations rename_table'],
    bad: 'RENAME TABLE orders TO purchases;',
    safe: [
      'CREATE VIEW purchases AS SELECT * FROM orders;',
      `${contract}DROP VIEW purchases;`,
      `${contract}RENAME TABLE orders TO purchases;`,
    ],
  },
  {
    ...breaks,
    rule: 'change-type',
    sources: ['strong_migrations change_column'],
    bad: `ALTER TABLE orders MODIFY note VARCHAR(20), ${online};`,
    safe: [`ALTER TABLE orders MODIFY note VARCHAR(60), ${online};`],
  },
  {
    ...breaks,
    rule: 'required-column',
    sources: [],
    bad: `ALTER TABLE orders ADD COLUMN paid BOOLEAN NOT NULL, ${instant};`,
    safe: [`ALTER TABLE orders ADD COLUMN paid BOOLEAN NOT NULL DEFAULT FALSE, ${instant};`],
  },
  {
    ...breaks,
    rule: 'new-not-null',
    sources: ['strong_migrations change_column_null_mysql'],
    bad: `ALTER TABLE orders MODIFY note VARCHAR(40) NOT NULL, ${online};`,
    safe: [`${contract}ALTER TABLE orders MODIFY note VARCHAR(40) NOT NULL, ${online};`],
  },
  {
    ...breaks,
    rule: 'drop-default',
    sources: [],
    bad: `ALTER TABLE orders MODIFY total INT NOT NULL, ${online};`,
    safe: [`ALTER TABLE orders MODIFY total INT NOT NULL DEFAULT 1, ${online};`],
  },
  {
    ...breaks,
    rule: 'new-unique',
    sources: [],
    bad: `CREATE UNIQUE INDEX one_note ON orders (note) ALGORITHM=INPLACE LOCK=NONE;`,
    safe: [`${contract}CREATE UNIQUE INDEX one_note ON orders (note) ALGORITHM=INPLACE LOCK=NONE;`],
  },
];

export const mysqlBlocking: readonly Example[] = [
  {
    ...blocks,
    rule: 'online-not-stated',
    sources: ['strong_migrations change_column'],
    bad: 'ALTER TABLE orders ADD COLUMN paid BOOLEAN;',
    safe: [`ALTER TABLE orders ADD COLUMN paid BOOLEAN, ${instant};`],
  },
  {
    ...blocks,
    rule: 'copy-algorithm',
    sources: ['strong_migrations copy_algorithm'],
    bad: 'CREATE INDEX by_customer ON orders (customer) ALGORITHM=COPY;',
    safe: ['CREATE INDEX by_customer ON orders (customer) ALGORITHM=INPLACE LOCK=NONE;'],
  },
  {
    ...blocks,
    rule: 'blocking-lock',
    sources: ['strong_migrations lock_option'],
    bad: 'ALTER TABLE orders ADD INDEX by_customer (customer), LOCK=SHARED;',
    safe: [`ALTER TABLE orders ADD INDEX by_customer (customer), ${online};`],
  },
  {
    ...blocks,
    rule: 'volatile-default',
    sources: ['strong_migrations add_column_default_callable'],
    bad: `ALTER TABLE orders ADD COLUMN token CHAR(36) DEFAULT (UUID()), ${online};`,
    safe: [
      `ALTER TABLE orders ADD COLUMN token CHAR(36), ${instant};`,
      'ALTER TABLE orders ALTER COLUMN token SET DEFAULT (UUID());',
      'UPDATE orders SET token = UUID() WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...blocks,
    rule: 'stored-generated-column',
    sources: ['strong_migrations add_column_generated_stored'],
    bad: `ALTER TABLE orders ADD COLUMN doubled INT AS (total * 2) STORED;`,
    safe: [`ALTER TABLE orders ADD COLUMN doubled INT AS (total * 2) VIRTUAL, ${instant};`],
  },
  {
    ...blocks,
    rule: 'numbered-column',
    sources: ['strong_migrations add_column_auto_incrementing'],
    given: 'CREATE TABLE visits (page VARCHAR(40));',
    bad: 'ALTER TABLE visits ADD COLUMN id BIGINT AUTO_INCREMENT PRIMARY KEY;',
    safe: [
      'CREATE TABLE visits_numbered (id BIGINT AUTO_INCREMENT PRIMARY KEY, page VARCHAR(40));',
      "INSERT INTO visits_numbered (page) SELECT page FROM visits WHERE page < 'b';",
    ],
  },
  {
    ...blocks,
    rule: 'rewrite-for-type',
    sources: ['strong_migrations change_column'],
    bad: 'ALTER TABLE orders MODIFY total BIGINT NOT NULL DEFAULT 0;',
    safe: [
      `ALTER TABLE orders ADD COLUMN total_wide BIGINT NOT NULL DEFAULT 0, ${instant};`,
      'UPDATE orders SET total_wide = total WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...blocks,
    rule: 'rewrite-table',
    sources: ['strong_migrations copy_algorithm'],
    bad: 'ALTER TABLE orders PARTITION BY HASH (id) PARTITIONS 4;',
    safe: [
      'CREATE TABLE orders_split (id BIGINT PRIMARY KEY, note VARCHAR(40)) PARTITION BY HASH (id) PARTITIONS 4;',
      'INSERT INTO orders_split SELECT id, note FROM orders WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...blocks,
    rule: 'constraint-checks-rows',
    sources: ['strong_migrations add_foreign_key_mysql', 'strong_migrations add_reference'],
    given: `-- lint: allow several-ddl because nobody uses either yet\n${customers}\n${given.replace('CREATE', '-- lint: allow several-ddl because nobody uses either yet\nCREATE')}`,
    bad: 'ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id);',
    safe: [
      `${contract}SET SESSION foreign_key_checks = 0;
ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id), ${online};
SET SESSION foreign_key_checks = 1;`,
    ],
  },
  {
    ...blocks,
    rule: 'constraint-checks-rows',
    sources: ['strong_migrations add_check_constraint_mysql'],
    bad: 'ALTER TABLE orders ADD CONSTRAINT paid CHECK (total >= 0);',
    safe: [
      `${contract}-- lint: allow constraint-checks-rows, online-not-stated because orders has a few hundred rows
ALTER TABLE orders ADD CONSTRAINT paid CHECK (total >= 0);`,
    ],
  },
  {
    ...blocks,
    rule: 'wide-index',
    sources: ['strong_migrations add_index_columns'],
    bad: `ALTER TABLE orders ADD INDEX everything (customer, total, note, id), ${online};`,
    safe: [`ALTER TABLE orders ADD INDEX something (customer, total), ${online};`],
  },
  {
    ...blocks,
    rule: 'several-ddl',
    sources: [],
    bad: `ALTER TABLE orders ADD COLUMN paid BOOLEAN, ${instant};\nALTER TABLE orders ADD INDEX paid (paid), ${online};`,
    safe: [
      `ALTER TABLE orders ADD COLUMN paid BOOLEAN, ${instant};`,
      `ALTER TABLE orders ADD INDEX paid (paid), ${online};`,
    ],
  },
  {
    ...blocks,
    rule: 'mixed-ddl-dml',
    sources: ['strong_migrations backfilling_data'],
    bad: `ALTER TABLE orders ADD COLUMN paid BOOLEAN, ${instant};\nUPDATE orders SET paid = TRUE WHERE id BETWEEN 1 AND 10000;`,
    safe: [
      `ALTER TABLE orders ADD COLUMN paid BOOLEAN, ${instant};`,
      'UPDATE orders SET paid = TRUE WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...blocks,
    rule: 'unbatched-write',
    sources: ['strong_migrations backfilling_data', 'strong_migrations change_column_null'],
    bad: "UPDATE orders SET note = '' WHERE note IS NULL;",
    safe: ["UPDATE orders SET note = '' WHERE note IS NULL LIMIT 10000;"],
  },
  {
    ...blocks,
    rule: 'recreate-table',
    sources: ['strong_migrations create_table'],
    bad: 'DROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id BIGINT PRIMARY KEY);',
    safe: ['CREATE TABLE purchases (id BIGINT PRIMARY KEY);'],
  },
  {
    ...blocks,
    rule: 'cannot-be-judged',
    sources: ['strong_migrations execute'],
    bad: 'CALL rearrange();',
    safe: ['-- lint: allow cannot-be-judged because it only counts rows\nCALL count_orders();'],
  },
];
