import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import type { Migrations } from '../../src/index.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { finished, runner, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';
import type { Target } from '../target.ts';

interface RunScenario {
  readonly folder: string;
  readonly target: Target;
  open(): Migrations;
  rows(sql: string): Record<string, unknown>[] | Promise<Record<string, unknown>[]>;
}

const processes = 50;
const timeout = 400_000;
const names = Array.from({ length: 8 }, (_, index) => `${String(index + 1).padStart(4, '0')}_step`);

/** Both kinds, and some that give the others time in the middle of their transaction. */
const files = {
  '0000_ledger.up.sql': 'CREATE TABLE ledger (name VARCHAR(100));',
  ...Object.fromEntries(
    names.map((name, index) => {
      const insert = `INSERT INTO ledger VALUES ('${name}')`;
      const pause = "import { setTimeout } from 'node:timers/promises';\n";
      const module = `${pause}export async function up({ db }) { await db.execute("${insert}"); await setTimeout(10); }`;
      return index % 2 === 0
        ? [`${name}.up.sql`, `CREATE TABLE t${name} (id INTEGER); ${insert};`]
        : [`${name}.ts`, module];
    }),
  ),
};

async function runAll(scenario: RunScenario) {
  const runs = Array.from({ length: processes }, () => finished(start(runner, scenario)));
  const printed = await Promise.all(runs);
  const waits = printed.flat().filter(({ type }) => type === 'waiting-for-lock');
  expect(waits.length, 'the processes never met, so nothing was shown').toBeGreaterThan(0);
  return printed.flatMap((lines) => lines.at(-1)?.applied as string[]).toSorted();
}

async function expectEachOnce(scenario: RunScenario, applied: readonly string[], all: readonly string[]) {
  recordFaults({
    promised: 'a migration runs once',
    fault: `${processes} runners started at once`,
    times: 1,
    checked: { migrations: all.length },
    wrong: {
      'migrations not applied exactly once': all.filter((name) => applied.filter((one) => one === name).length !== 1)
        .length,
    },
  });
  expect(applied).toEqual(all);
  const ledger = await scenario.rows('SELECT name FROM ledger');
  expect(ledger.map(({ name }) => String(name)).toSorted()).toEqual(names);
  await using migrations = scenario.open();
  const status = await migrations.status();
  expect(status.applied.map(({ name }) => name)).toEqual(all);
  expect(status).toMatchObject({ pending: [], unfinished: [] });
}

describe(`${processes} processes at once apply each migration exactly once`, () => {
  it('on SQLite', { timeout }, async () => {
    const scenario = await SqliteScenario.create(files);
    await expectEachOnce(scenario, await runAll(scenario), ['0000_ledger', ...names]);
  });
});

describeWith(`${processes} processes at once apply each migration exactly once`, ['postgresql', 'mariadb'], (parts) => {
  it('on PostgreSQL, concurrent builds of indexes among them', { timeout }, async () => {
    const indexes = {
      '0009_index.up.sql': '-- transaction: off\nCREATE INDEX CONCURRENTLY ledger_name ON ledger (name);',
      '0010_index.up.sql':
        '-- transaction: off\nCREATE INDEX CONCURRENTLY IF NOT EXISTS ledger_lower ON ledger (lower(name));\n' +
        'DROP INDEX CONCURRENTLY ledger_name;',
    };
    const scenario = await PostgresqlScenario.create(parts().postgresql.url, { ...files, ...indexes });
    const all = ['0000_ledger', ...names, '0009_index', '0010_index'];
    await expectEachOnce(scenario, await runAll(scenario), all);
    expect(await scenario.invalidIndexes()).toEqual([]);
    const found = await scenario.rows(`SELECT indexname FROM pg_indexes WHERE schemaname = '${scenario.schema}'`);
    expect(found.map(({ indexname }) => indexname)).toContain('ledger_lower');
  });

  it('on MariaDB', { timeout }, async () => {
    const scenario = await MysqlScenario.create(parts().mariadb.url, files);
    await expectEachOnce(scenario, await runAll(scenario), ['0000_ledger', ...names]);
  });
});

describeWith(`${processes} processes at once behind a pooler`, ['postgresql', 'pgbouncer'], (parts) => {
  it('apply each migration exactly once, by a lease', { timeout }, async () => {
    const { url } = await parts().pgbouncer.start({ url: parts().postgresql.url, serverConnections: 8 });
    const direct = await PostgresqlScenario.create(parts().postgresql.url, files);
    const target = { ...direct.target, url };
    const pooled: RunScenario = {
      folder: direct.folder,
      target,
      open: () => direct.open(),
      rows: (sql) => direct.rows(sql),
    };
    await expectEachOnce(pooled, await runAll(pooled), ['0000_ledger', ...names]);
    const leases = await direct.rows('SELECT expires_at < now() AS is_over FROM maestro_migrations_lease');
    expect(leases).toEqual([{ is_over: true }]);
  });
});
