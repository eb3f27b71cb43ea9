import { alone, contract, type Example } from './example.ts';

const given = `CREATE TABLE customers (
  id bigint PRIMARY KEY,
  email varchar(100),
  city text NOT NULL DEFAULT 'Paris'
);
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total int);`;

const inUse = { dialect: 'postgresql', given } as const;

export const postgresqlBreaking: readonly Example[] = [
  {
    ...inUse,
    rule: 'drop-table',
    sources: ['squawk ban-drop-table'],
    bad: 'DROP TABLE orders;',
    caughtInContract: false,
    safe: [`${contract}DROP TABLE orders;`],
  },
  {
    ...inUse,
    rule: 'drop-column',
    sources: ['squawk ban-drop-column', 'strong_migrations remove_column'],
    bad: 'ALTER TABLE customers DROP COLUMN city;',
    caughtInContract: false,
    safe: [`${contract}ALTER TABLE customers DROP COLUMN city;`],
  },
  {
    ...inUse,
    rule: 'rename-table',
    sources: ['squawk renaming-table', 'strong_migrations rename_table'],
    bad: 'ALTER TABLE orders RENAME TO purchases;',
    caughtInContract: false,
    safe: [
      'CREATE VIEW purchases AS SELECT * FROM orders;',
      `${contract}DROP VIEW purchases;\nALTER TABLE orders RENAME TO purchases;`,
    ],
  },
  {
    ...inUse,
    rule: 'rename-column',
    sources: ['squawk renaming-column', 'strong_migrations rename_column'],
    bad: 'ALTER TABLE customers RENAME COLUMN email TO mail;',
    caughtInContract: false,
    safe: [
      'ALTER TABLE customers ADD COLUMN mail varchar(100);',
      'UPDATE customers SET mail = email WHERE id BETWEEN 1 AND 10000;',
      `${contract}ALTER TABLE customers DROP COLUMN email;`,
    ],
  },
  {
    ...inUse,
    rule: 'rename-object',
    sources: ['strong_migrations rename_schema'],
    given: 'CREATE SCHEMA shop;',
    bad: 'ALTER SCHEMA shop RENAME TO store;',
    caughtInContract: false,
    safe: ['CREATE SCHEMA store;', `${contract}DROP SCHEMA shop;`],
  },
  {
    ...inUse,
    rule: 'rename-enum-value',
    sources: ['strong_migrations rename_enum_value'],
    given: "CREATE TYPE state AS ENUM ('open', 'done');",
    bad: "ALTER TYPE state RENAME VALUE 'done' TO 'finished';",
    caughtInContract: false,
    safe: ["ALTER TYPE state ADD VALUE 'finished' AFTER 'done';"],
  },
  {
    ...inUse,
    rule: 'change-type',
    sources: ['squawk changing-column-type', 'strong_migrations change_column'],
    bad: 'ALTER TABLE orders ALTER COLUMN total TYPE text;',
    caughtInContract: false,
    safe: [
      'ALTER TABLE orders ADD COLUMN total_text text;',
      'UPDATE orders SET total_text = total::text WHERE id BETWEEN 1 AND 10000;',
      `${contract}ALTER TABLE orders DROP COLUMN total;`,
    ],
  },
  {
    ...inUse,
    rule: 'required-column',
    sources: ['squawk adding-required-field'],
    bad: 'ALTER TABLE customers ADD COLUMN active boolean NOT NULL;',
    caughtInContract: true,
    safe: ['ALTER TABLE customers ADD COLUMN active boolean NOT NULL DEFAULT true;'],
  },
  {
    ...inUse,
    rule: 'new-not-null',
    sources: ['squawk adding-not-nullable-field'],
    bad: 'ALTER TABLE customers ALTER COLUMN email SET NOT NULL;',
    caughtInContract: false,
    safe: [
      `${contract}ALTER TABLE customers ADD CONSTRAINT email_there CHECK (email IS NOT NULL) NOT VALID;`,
      `${contract}ALTER TABLE customers VALIDATE CONSTRAINT email_there;`,
      `${contract}ALTER TABLE customers ALTER COLUMN email SET NOT NULL;`,
    ],
  },
  {
    ...inUse,
    rule: 'new-constraint',
    sources: ['strong_migrations add_check_constraint'],
    bad: 'ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0) NOT VALID;',
    caughtInContract: false,
    safe: [
      `${contract}ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0) NOT VALID;`,
      `${contract}ALTER TABLE orders VALIDATE CONSTRAINT paid;`,
    ],
  },
  {
    ...inUse,
    rule: 'new-constraint',
    sources: ['squawk ban-alter-domain-with-add-constraint'],
    given: 'CREATE DOMAIN amount AS int;\nCREATE TABLE refunds (id bigint PRIMARY KEY, total amount);',
    bad: 'ALTER DOMAIN amount ADD CONSTRAINT positive CHECK (value > 0);',
    caughtInContract: false,
    safe: [
      `${contract}ALTER TABLE refunds ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;`,
      `${contract}ALTER TABLE refunds VALIDATE CONSTRAINT positive;`,
    ],
  },
  {
    ...inUse,
    rule: 'new-not-null',
    sources: ['strong_migrations change_column_with_not_null'],
    bad: 'ALTER TABLE customers ALTER COLUMN email TYPE text, ALTER COLUMN email SET NOT NULL;',
    caughtInContract: false,
    safe: ['ALTER TABLE customers ALTER COLUMN email TYPE text;'],
  },
  {
    ...inUse,
    rule: 'new-unique',
    sources: ['squawk disallowed-unique-constraint', 'strong_migrations add_unique_constraint'],
    bad: `${alone}CREATE UNIQUE INDEX CONCURRENTLY customers_email ON customers (email);`,
    caughtInContract: false,
    safe: [
      `${contract}${alone}CREATE UNIQUE INDEX CONCURRENTLY customers_email ON customers (email);`,
      `${contract}ALTER TABLE customers ADD CONSTRAINT one_email UNIQUE USING INDEX customers_email;`,
    ],
  },
  {
    ...inUse,
    rule: 'drop-not-null',
    sources: ['squawk ban-drop-not-null'],
    bad: 'ALTER TABLE customers ALTER COLUMN city DROP NOT NULL;',
    caughtInContract: false,
    safe: [`${contract}ALTER TABLE customers ALTER COLUMN city DROP NOT NULL;`],
  },
  {
    ...inUse,
    rule: 'drop-default',
    sources: [],
    bad: 'ALTER TABLE customers ALTER COLUMN city DROP DEFAULT;',
    caughtInContract: false,
    safe: [`${contract}ALTER TABLE customers ALTER COLUMN city DROP DEFAULT;`],
  },
  {
    ...inUse,
    rule: 'drop-unique',
    sources: [],
    given: `${given}\nCREATE UNIQUE INDEX customers_email ON customers (email);`,
    bad: `${alone}DROP INDEX CONCURRENTLY customers_email;`,
    caughtInContract: false,
    safe: [`${contract}${alone}DROP INDEX CONCURRENTLY customers_email;`],
  },
  {
    ...inUse,
    rule: 'drop-object',
    sources: [],
    given: `${given}\nCREATE VIEW names AS SELECT email FROM customers;`,
    bad: 'DROP VIEW names;\nCREATE VIEW names AS SELECT id, email FROM customers;',
    caughtInContract: false,
    safe: ['CREATE OR REPLACE VIEW names AS SELECT email, id FROM customers;'],
  },
  {
    ...inUse,
    rule: 'revoke-access',
    sources: [],
    bad: 'ALTER TABLE customers ENABLE ROW LEVEL SECURITY;',
    caughtInContract: false,
    safe: [`${contract}ALTER TABLE customers ENABLE ROW LEVEL SECURITY;`],
  },
  {
    ...inUse,
    rule: 'truncate',
    sources: [],
    bad: 'TRUNCATE orders;',
    caughtInContract: false,
    safe: ['DELETE FROM orders WHERE id BETWEEN 1 AND 10000;'],
  },
  {
    ...inUse,
    rule: 'rebuild-table',
    sources: [],
    bad: `CREATE TABLE orders_new (id bigint PRIMARY KEY, customer bigint);
INSERT INTO orders_new SELECT id, customer FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;`,
    caughtInContract: false,
    safe: [
      `CREATE TABLE orders_new (id bigint PRIMARY KEY, customer bigint, total int, note text);
INSERT INTO orders_new SELECT id, customer, total FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;`,
    ],
  },
];
