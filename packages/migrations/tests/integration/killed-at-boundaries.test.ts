import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import type { Migrations, MigrationStatus } from '../../src/index.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';
import { ended, runner, start } from '../processes.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';
import type { Target } from '../target.ts';

interface KilledScenario {
  readonly folder: string;
  readonly target: Target;
  open(): Migrations;
  tables(): unknown[] | Promise<unknown[]>;
}

const timeout = 300_000;
const files = {
  '0001_first.up.sql': 'CREATE TABLE a1 (id INTEGER);\nCREATE TABLE a2 (id INTEGER);',
  '0002_second.up.sql': 'CREATE TABLE b1 (id INTEGER);\nINSERT INTO b1 VALUES (1);\nCREATE TABLE b2 (id INTEGER);',
  '0003_third.mjs': "export async function up({ db }) { await db.execute('INSERT INTO b2 VALUES (1)'); }",
};
const tablesOf: Readonly<Record<string, readonly string[]>> = {
  '0001_first': ['a1', 'a2'],
  '0002_second': ['b1', 'b2'],
  '0003_third': [],
};

/** As many as the machine has something to do with while others wait. */
const atOnce = 4;

/** Kills a runner at every boundary there is, each time on a new database; returns how many there are. */
async function killEverywhere(
  create: () => Promise<KilledScenario>,
  expectTruth: (status: MigrationStatus, tables: readonly unknown[]) => void,
): Promise<number> {
  for (let first = 0; ; first += atOnce) {
    const numbers = Array.from({ length: atOnce }, (_, index) => first + index);
    const killed = await Promise.all(numbers.map((number) => killAt(number, create(), expectTruth)));
    if (killed.includes(false)) return first + killed.indexOf(false);
  }
}

/** Whether it got that far; another runner then finishes. */
async function killAt(
  number: number,
  created: Promise<KilledScenario>,
  expectTruth: (status: MigrationStatus, tables: readonly unknown[]) => void,
): Promise<boolean> {
  const scenario = await created;
  const { isKilled } = await ended(start(runner, scenario, number));
  await using migrations = scenario.open();
  expectTruth(await migrations.status(), namesOf(await scenario.tables()));
  await migrations.run();
  const { applied, unfinished } = await migrations.status();
  expect(applied.map(({ name }) => name)).toEqual(Object.keys(tablesOf));
  expect(unfinished).toEqual([]);
  expect(namesOf(await scenario.tables())).toEqual(['a1', 'a2', 'b1', 'b2']);
  if (isKilled) {
    recordFaults({
      promised: 'a migration runs once',
      fault: 'runner killed (SIGKILL) between two calls to the database',
      times: 1,
      checked: { migrations: applied.length },
      wrong: { 'records that are not true': 0 },
    });
  }
  return isKilled;
}

function namesOf(tables: readonly unknown[]): string[] {
  return tables.map(String).filter((name) => !name.startsWith('maestro'));
}

function expectAllOrNothing({ applied, unfinished }: MigrationStatus, tables: readonly unknown[]): void {
  expect(unfinished).toEqual([]);
  expect(tables).toEqual(applied.flatMap(({ name }) => tablesOf[name] ?? []));
}

describe('killed at every boundary between calls to the database', () => {
  it('SQLite has applied what is recorded, and recorded what is applied', { timeout }, async () => {
    expect(await killEverywhere(() => SqliteScenario.create(files), expectAllOrNothing)).toBeGreaterThan(20);
  });
});

describeWith('killed at every boundary between calls to the database', ['postgresql', 'mariadb'], (parts) => {
  it('PostgreSQL has applied what is recorded, and recorded what is applied', { timeout }, async () => {
    const create = () => PostgresqlScenario.create(parts().postgresql.url, files);
    expect(await killEverywhere(create, expectAllOrNothing)).toBeGreaterThan(20);
  });

  it('PostgreSQL in steps has done the recorded statements and no others', { timeout }, async () => {
    const inSteps = Object.entries(files).map(([file, text]) => [
      file,
      file.endsWith('.sql') ? `-- transaction: off\n${text}` : text,
    ]);
    const create = () =>
      PostgresqlScenario.create(parts().postgresql.url, Object.fromEntries(inSteps) as Record<string, string>);
    expect(await killEverywhere(create, expectDoneStatements)).toBeGreaterThan(20);
  });

  it('MariaDB has done exactly the recorded statements, k of n', { timeout }, async () => {
    const create = () => MysqlScenario.create(parts().mariadb.url, files);
    expect(await killEverywhere(create, expectDoneStatements)).toBeGreaterThan(20);
  });
});

/** The tables after so many statements of a migration. */
const tablesAfter: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '0001_first': [[], ['a1'], ['a1', 'a2']],
  '0002_second': [[], ['b1'], ['b1'], ['b1', 'b2']],
};

function expectDoneStatements({ applied, unfinished }: MigrationStatus, tables: readonly unknown[]): void {
  expect(unfinished.map(({ unknown }) => unknown).filter((unknown) => unknown !== null)).toEqual([]);
  expect(tables).toEqual([
    ...applied.flatMap(({ name }) => tablesOf[name] ?? []),
    ...unfinished.flatMap(({ name, done }) => tablesAfter[name]?.[done] ?? []),
  ]);
}
