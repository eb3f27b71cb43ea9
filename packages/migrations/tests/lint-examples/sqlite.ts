import { contract, type Example } from './example.ts';

const given = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER, note TEXT);';
const breaks = { dialect: 'sqlite', given, caughtInContract: false, sources: [] } as const;

export const sqlite: readonly Example[] = [
  { ...breaks, rule: 'drop-table', bad: 'DROP TABLE orders;', safe: [`${contract}DROP TABLE orders;`] },
  {
    ...breaks,
    rule: 'drop-column',
    bad: 'ALTER TABLE orders DROP COLUMN note;',
    safe: [`${contract}ALTER TABLE orders DROP COLUMN note;`],
  },
  {
    ...breaks,
    rule: 'rename-table',
    bad: 'ALTER TABLE orders RENAME TO purchases;',
    safe: [
      'CREATE VIEW purchases AS SELECT * FROM orders;',
      `${contract}DROP VIEW purchases;\nALTER TABLE orders RENAME TO purchases;`,
    ],
  },
  {
    ...breaks,
    rule: 'rename-column',
    bad: 'ALTER TABLE orders RENAME COLUMN note TO remark;',
    safe: ['ALTER TABLE orders ADD COLUMN remark TEXT;', `${contract}ALTER TABLE orders DROP COLUMN note;`],
  },
  {
    ...breaks,
    rule: 'required-column',
    caughtInContract: true,
    bad: 'ALTER TABLE orders ADD COLUMN paid INTEGER NOT NULL;',
    safe: ['ALTER TABLE orders ADD COLUMN paid INTEGER NOT NULL DEFAULT 0;'],
  },
  {
    ...breaks,
    rule: 'new-unique',
    bad: 'CREATE UNIQUE INDEX one_note ON orders (note);',
    safe: [`${contract}CREATE UNIQUE INDEX one_note ON orders (note);`],
  },
  {
    ...breaks,
    rule: 'rebuild-table',
    bad: `CREATE TABLE orders_new (id INTEGER PRIMARY KEY, total TEXT, note TEXT);
INSERT INTO orders_new SELECT id, total, note FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;`,
    safe: [
      `CREATE TABLE orders_new (id INTEGER PRIMARY KEY, total INTEGER, note TEXT, total_text TEXT);
INSERT INTO orders_new SELECT id, total, note, total FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;`,
    ],
  },
  {
    ...breaks,
    rule: 'not-in-transaction',
    caughtInContract: true,
    bad: 'VACUUM;',
    safe: ['-- transaction: off\nVACUUM;'],
  },
];
