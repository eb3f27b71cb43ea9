import { DatabaseSync } from 'node:sqlite';

import { describeWith } from '@maestro/services/vitest';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';

import { readSqlDirectives } from '../../src/files/directives.ts';
import { rulesOf } from '../../src/lint/rules.ts';
import { parseScript } from '../../src/sql/statements.ts';
import { examples } from '../lint-examples/all.ts';
import type { Example } from '../lint-examples/example.ts';

const of = (dialect: Example['dialect']) => examples.filter((example) => example.dialect === dialect);
const titleOf = ({ rule, bad }: Example) => `${rule}: ${bad}`;

/** Rules that say so; those that speak of rows, or of what comes later, take no lock on a table that writers wait for. */
const blocking = new Set(
  rulesOf.postgresql
    .filter(({ harm }) => harm === 'blocks')
    .map(({ name }) => name)
    .filter((name) => !['constrained-domain', 'unbatched-write'].includes(name)),
);

/** Rules that say that a table is rewritten: PostgreSQL then gives it another file. */
const rewriting = new Set(['volatile-default', 'stored-generated-column', 'numbered-column', 'rewrite-table']);

describeWith('the lint examples on PostgreSQL', ['postgresql'], (parts) => {
  async function inSchema(name: string, work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ connectionString: parts().postgresql.url });
    await client.connect();
    try {
      await client.query('DROP SCHEMA IF EXISTS shop; DROP SCHEMA IF EXISTS store');
      await client.query(`CREATE SCHEMA ${name}; SET search_path = ${name}`);
      await work(client);
    } finally {
      await client.end();
    }
  }

  it.each(of('postgresql').map((example, index) => [titleOf(example), example, index] as const))(
    'can be made safely: %s',
    async (_, { given, safe }, index) => {
      await inSchema(`safe_${index}`, async (client) => {
        await client.query(given);
        const before = await filesOf(client);
        for (const text of safe) await runOnPostgresql(client, text);
        const after = await filesOf(client);
        const rewritten = [...before].filter(([table, file]) => (after.get(table) ?? file) !== file);
        // TRUNCATE only makes a new file.
        if (!safe.join().includes('TRUNCATE')) expect(rewritten).toEqual([]);
      });
    },
  );

  it.each(
    of('postgresql')
      .filter(({ rule }) => blocking.has(rule))
      .map((example, index) => [titleOf(example), example, index] as const),
  )('keeps writers waiting: %s', async (_, { given, bad }, index) => {
    await inSchema(`blocks_${index}`, async (client) => {
      await client.query(given);
      const { rows } = await client.query<{ tables: string[] }>(`SELECT array_agg(oid::text) AS tables FROM pg_class
          WHERE relkind IN ('r', 'p', 'm') AND relnamespace = current_schema()::regnamespace`);
      await client.query(`BEGIN; ${bad}`);
      const held = await client.query<{ mode: string }>(
        `SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation::text = ANY($1)`,
        [rows[0]?.tables],
      );
      await client.query('ROLLBACK');
      const modes = held.rows.map(({ mode }) => mode);
      expect(modes.some((mode) => /^(ShareLock|ShareRowExclusiveLock|AccessExclusiveLock)$/.test(mode))).toBe(true);
    });
  });

  it.each(of('postgresql').map((example, index) => [titleOf(example), example, index] as const))(
    'is as bad as the rule says: %s',
    async (_, { rule, given, bad }, index) => {
      if (rule === 'drop-database') return;
      await inSchema(`bad_${index}`, async (client) => {
        await client.query(given);
        const before = await filesOf(client);
        if (rule === 'not-in-transaction') {
          await expect(client.query(`BEGIN; ${bad}`)).rejects.toThrow(/transaction block/);
          return;
        }
        await runOnPostgresql(client, bad);
        const rewrites = rewriting.has(rule) || (rule === 'rewrite-for-type' && !given.includes('CHECK'));
        if (!rewrites) return;
        const after = await filesOf(client);
        expect([...before].filter(([table, file]) => after.get(table) !== file)).not.toEqual([]);
      });
    },
  );
});

describeWith('the lint examples on MariaDB', ['mariadb'], (parts) => {
  it.each(of('mysql').map((example) => [titleOf(example), example] as const))(
    'can be made safely: %s',
    async (_, { rule, given, safe }) => {
      const connection = await createConnection({ uri: parts().mariadb.url });
      try {
        for (const text of [dropAll, given, ...(rule === 'cannot-be-judged' ? [] : safe)]) {
          for (const { sql } of parseScript(text, 'mysql').statements) await connection.query(sql);
        }
      } finally {
        await connection.end();
      }
    },
  );
});

describe('the lint examples on SQLite', () => {
  it.each(of('sqlite').map((example) => [titleOf(example), example] as const))(
    'can be made safely: %s',
    (_, { given, safe }) => {
      const database = new DatabaseSync(':memory:');
      for (const text of [given, ...safe]) database.exec(text);
      database.close();
    },
  );
});

const dropAll =
  'SET SESSION foreign_key_checks = 0; DROP VIEW IF EXISTS purchases; DROP TABLE IF EXISTS orders, purchases, customers, visits, visits_numbered, orders_split; SET SESSION foreign_key_checks = 1;';

async function runOnPostgresql(client: Client, text: string): Promise<void> {
  const { transaction } = readSqlDirectives(text, 'postgresql').directives;
  if (transaction) await client.query(`BEGIN; ${text}; COMMIT`);
  else for (const { sql } of parseScript(text, 'postgresql').statements) await client.query(sql);
}

/** The file that holds each table in the schema. */
async function filesOf(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ oid: string; file: string }>(
    `SELECT oid::text, pg_relation_filenode(oid)::text AS file FROM pg_class
     WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
  );
  return new Map(rows.map(({ oid, file }) => [oid, file]));
}
