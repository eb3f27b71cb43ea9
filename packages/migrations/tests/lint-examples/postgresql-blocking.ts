import { alone, contract, type Example } from './example.ts';

const given = `CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(100));
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total int, note text);
CREATE INDEX orders_total ON orders (total);`;

const inUse = { dialect: 'postgresql', given, caughtInContract: true } as const;
const batch = 'UPDATE orders SET token = gen_random_uuid() WHERE id BETWEEN 1 AND 10000;';

export const postgresqlBlocking: readonly Example[] = [
  {
    ...inUse,
    rule: 'volatile-default',
    sources: [
      'squawk adding-field-with-default',
      'strong_migrations add_column_default',
      'strong_migrations add_column_default_callable',
    ],
    bad: 'ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();',
    safe: [
      'ALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();',
      batch,
    ],
  },
  {
    ...inUse,
    rule: 'stored-generated-column',
    sources: ['squawk adding-field-with-default', 'strong_migrations add_column_generated_stored', 'eugene E11'],
    bad: 'ALTER TABLE orders ADD COLUMN doubled int GENERATED ALWAYS AS (total * 2) STORED;',
    safe: [
      `ALTER TABLE orders ADD COLUMN doubled int;
CREATE FUNCTION fill_doubled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.doubled := NEW.total * 2;
  RETURN NEW;
END $$;
CREATE TRIGGER doubled BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION fill_doubled();`,
      'UPDATE orders SET doubled = total * 2 WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...inUse,
    rule: 'numbered-column',
    sources: ['strong_migrations add_column_auto_incrementing', 'eugene E11'],
    given: 'CREATE TABLE visits (page text);',
    bad: 'ALTER TABLE visits ADD COLUMN id bigserial;',
    safe: [
      'CREATE TABLE visits_numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, page text);',
      "INSERT INTO visits_numbered (page) SELECT page FROM visits WHERE page < 'b';",
    ],
  },
  {
    ...inUse,
    rule: 'rewrite-for-type',
    sources: ['squawk changing-column-type', 'strong_migrations change_column', 'eugene E5', 'eugene E10'],
    bad: 'ALTER TABLE orders ALTER COLUMN total TYPE bigint;',
    safe: [
      'ALTER TABLE orders ADD COLUMN total_wide bigint;',
      'UPDATE orders SET total_wide = total WHERE id BETWEEN 1 AND 10000;',
      `${contract}ALTER TABLE orders DROP COLUMN total;`,
    ],
  },
  {
    ...inUse,
    rule: 'rewrite-for-type',
    sources: ['strong_migrations change_column_constraint'],
    given:
      "CREATE TABLE customers (id bigint PRIMARY KEY, email varchar(100), CONSTRAINT at CHECK (position('@' in email) > 0));",
    bad: 'ALTER TABLE customers ALTER COLUMN email TYPE text;',
    safe: [
      'ALTER TABLE customers DROP CONSTRAINT at;\nALTER TABLE customers ALTER COLUMN email TYPE text;',
      `${contract}ALTER TABLE customers ADD CONSTRAINT at CHECK (position('@' in email) > 0) NOT VALID;`,
      `${contract}ALTER TABLE customers VALIDATE CONSTRAINT at;`,
    ],
  },
  {
    ...inUse,
    rule: 'rewrite-table',
    sources: ['squawk prefer-repack'],
    bad: 'CLUSTER orders USING orders_pkey;',
    safe: [
      'CREATE TABLE orders_sorted (id bigint PRIMARY KEY, customer bigint, total int, note text);',
      'INSERT INTO orders_sorted SELECT * FROM orders WHERE id BETWEEN 1 AND 10000 ORDER BY id;',
    ],
  },
  {
    ...inUse,
    rule: 'constraint-without-not-valid',
    sources: ['squawk constraint-missing-not-valid', 'strong_migrations add_check_constraint', 'eugene E1'],
    bad: 'ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0);',
    safe: [
      `${contract}ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0) NOT VALID;`,
      `${contract}ALTER TABLE orders VALIDATE CONSTRAINT paid;`,
    ],
  },
  {
    ...inUse,
    rule: 'constraint-without-not-valid',
    sources: ['squawk adding-foreign-key-constraint', 'strong_migrations add_foreign_key'],
    given: `${given}\nCREATE INDEX orders_customer ON orders (customer);`,
    bad: 'ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id);',
    safe: [
      `${contract}ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) NOT VALID;`,
      `${contract}ALTER TABLE orders VALIDATE CONSTRAINT of_customer;`,
    ],
  },
  {
    ...inUse,
    rule: 'not-null-scan',
    sources: ['squawk adding-not-nullable-field', 'strong_migrations change_column_null_postgresql', 'eugene E2'],
    bad: 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
    safe: [
      `${contract}ALTER TABLE orders ADD CONSTRAINT noted CHECK (note IS NOT NULL) NOT VALID;`,
      `${contract}ALTER TABLE orders VALIDATE CONSTRAINT noted;`,
      `${contract}ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT noted;`,
    ],
  },
  {
    ...inUse,
    rule: 'key-builds-index',
    sources: ['squawk disallowed-unique-constraint', 'strong_migrations add_unique_constraint', 'eugene E7'],
    bad: 'ALTER TABLE customers ADD CONSTRAINT one_email UNIQUE (email);',
    safe: [
      `${contract}${alone}CREATE UNIQUE INDEX CONCURRENTLY customers_email ON customers (email);`,
      `${contract}ALTER TABLE customers ADD CONSTRAINT one_email UNIQUE USING INDEX customers_email;`,
    ],
  },
  {
    ...inUse,
    rule: 'key-builds-index',
    sources: ['squawk disallowed-unique-constraint'],
    bad: 'ALTER TABLE customers ADD COLUMN code text UNIQUE;',
    safe: [
      'ALTER TABLE customers ADD COLUMN code text;',
      `${contract}${alone}CREATE UNIQUE INDEX CONCURRENTLY customers_code ON customers (code);`,
      `${contract}ALTER TABLE customers ADD CONSTRAINT one_code UNIQUE USING INDEX customers_code;`,
    ],
  },
  {
    ...inUse,
    rule: 'key-builds-index',
    sources: ['squawk adding-serial-primary-key-field'],
    given: 'CREATE TABLE tags (id bigint NOT NULL, label text);',
    bad: 'ALTER TABLE tags ADD PRIMARY KEY (id);',
    safe: [
      `${contract}${alone}CREATE UNIQUE INDEX CONCURRENTLY tags_id ON tags (id);`,
      `${contract}ALTER TABLE tags ADD CONSTRAINT tags_pkey PRIMARY KEY USING INDEX tags_id;`,
    ],
  },
  {
    ...inUse,
    rule: 'primary-key-scan',
    sources: ['eugene W14'],
    given: 'CREATE TABLE tags (label text);\nCREATE UNIQUE INDEX tags_label ON tags (label);',
    bad: 'ALTER TABLE tags ADD CONSTRAINT tags_pkey PRIMARY KEY USING INDEX tags_label;',
    safe: [
      `${contract}ALTER TABLE tags ADD CONSTRAINT labelled CHECK (label IS NOT NULL) NOT VALID;`,
      `${contract}ALTER TABLE tags VALIDATE CONSTRAINT labelled;`,
      `${contract}ALTER TABLE tags ALTER COLUMN label SET NOT NULL;`,
      'ALTER TABLE tags ADD CONSTRAINT tags_pkey PRIMARY KEY USING INDEX tags_label;',
    ],
  },
  {
    ...inUse,
    rule: 'exclusion-constraint',
    sources: ['strong_migrations add_exclusion_constraint', 'eugene E8'],
    bad: 'ALTER TABLE orders ADD CONSTRAINT one_total EXCLUDE (total WITH =);',
    safe: [
      'CREATE TABLE orders_exclusive (id bigint PRIMARY KEY, customer bigint, total int, note text, EXCLUDE (total WITH =));',
      'INSERT INTO orders_exclusive SELECT * FROM orders WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...inUse,
    rule: 'index-without-concurrently',
    sources: ['squawk require-concurrent-index-creation', 'strong_migrations add_index', 'eugene E6'],
    bad: 'CREATE INDEX orders_customer ON orders (customer);',
    safe: [`${alone}CREATE INDEX CONCURRENTLY orders_customer ON orders (customer);`],
  },
  {
    ...inUse,
    rule: 'index-without-concurrently',
    sources: ['strong_migrations add_reference'],
    bad: 'ALTER TABLE orders ADD COLUMN shop bigint;\nCREATE INDEX orders_shop ON orders (shop);',
    safe: [
      'ALTER TABLE orders ADD COLUMN shop bigint;',
      `${alone}CREATE INDEX CONCURRENTLY orders_shop ON orders (shop);`,
    ],
  },
  {
    ...inUse,
    rule: 'drop-index-without-concurrently',
    sources: ['squawk require-concurrent-index-deletion', 'strong_migrations remove_index'],
    bad: 'DROP INDEX orders_total;',
    safe: [`${alone}DROP INDEX CONCURRENTLY orders_total;`],
  },
  {
    ...inUse,
    rule: 'reindex-without-concurrently',
    sources: ['squawk require-concurrent-reindex'],
    bad: 'REINDEX INDEX orders_total;',
    safe: [`${alone}REINDEX INDEX CONCURRENTLY orders_total;`],
  },
  {
    ...inUse,
    rule: 'detach-without-concurrently',
    sources: ['squawk require-concurrent-partition-detach'],
    given: `CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`,
    bad: 'ALTER TABLE events DETACH PARTITION events_2024;',
    safe: [`${alone}ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;`],
  },
  {
    ...inUse,
    rule: 'attach-checks-rows',
    sources: [],
    given: `CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE old_events (at date NOT NULL);`,
    bad: "ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    safe: [
      `${contract}ALTER TABLE old_events ADD CONSTRAINT y2024 CHECK (at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;`,
      `${contract}ALTER TABLE old_events VALIDATE CONSTRAINT y2024;`,
      `-- lint: allow attach-checks-rows because y2024 is validated, it says the same as the bounds
ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`,
    ],
  },
  {
    ...inUse,
    rule: 'refresh-without-concurrently',
    sources: [],
    given: `${given}
CREATE MATERIALIZED VIEW totals AS SELECT customer, sum(total) FROM orders GROUP BY customer;
CREATE UNIQUE INDEX totals_customer ON totals (customer);`,
    bad: 'REFRESH MATERIALIZED VIEW totals;',
    safe: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals;'],
  },
  {
    ...inUse,
    rule: 'lock-table',
    sources: [],
    bad: 'LOCK TABLE orders;\nALTER TABLE orders ADD COLUMN paid boolean;',
    safe: ['ALTER TABLE orders ADD COLUMN paid boolean;'],
  },
  {
    ...inUse,
    rule: 'statement-under-lock',
    sources: [
      'eugene E4',
      'strong_migrations validate_check_constraint',
      'strong_migrations validate_foreign_key',
      'strong_migrations backfilling_data',
    ],
    bad: 'ALTER TABLE orders ADD COLUMN paid boolean;\nUPDATE orders SET paid = false WHERE id BETWEEN 1 AND 10000;',
    safe: [
      'ALTER TABLE orders ADD COLUMN paid boolean;',
      'UPDATE orders SET paid = false WHERE id BETWEEN 1 AND 10000;',
    ],
  },
  {
    ...inUse,
    rule: 'unbatched-write',
    sources: ['strong_migrations backfilling_data', 'strong_migrations change_column_null'],
    bad: "UPDATE orders SET note = '' WHERE note IS NULL;",
    safe: ["UPDATE orders SET note = '' WHERE note IS NULL AND id BETWEEN 1 AND 10000;"],
  },
  {
    ...inUse,
    rule: 'repeated-scan',
    sources: ['eugene W12'],
    bad: 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;',
    safe: [
      `${contract}ALTER TABLE orders ADD CONSTRAINT filled CHECK (note IS NOT NULL AND total IS NOT NULL) NOT VALID;`,
      `${contract}ALTER TABLE orders VALIDATE CONSTRAINT filled;`,
      `${contract}ALTER TABLE orders ALTER COLUMN note SET NOT NULL, ALTER COLUMN total SET NOT NULL;`,
    ],
  },
  {
    ...inUse,
    rule: 'timeout-off',
    sources: [],
    bad: 'SET lock_timeout = 0;\nALTER TABLE orders ADD COLUMN paid boolean;',
    safe: ['-- lock-timeout: 1s\nALTER TABLE orders ADD COLUMN paid boolean;'],
  },
  {
    ...inUse,
    rule: 'constrained-domain',
    sources: ['squawk ban-create-domain-with-constraint'],
    bad: 'CREATE DOMAIN positive AS int CHECK (value > 0);',
    safe: [
      'CREATE DOMAIN amount AS int;',
      'CREATE TABLE refunds (id bigint PRIMARY KEY, total amount CHECK (total > 0));',
    ],
  },
];
