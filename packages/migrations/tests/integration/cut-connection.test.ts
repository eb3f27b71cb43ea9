import { isMaestroError } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import type { MigrationDatabase, Migrations, UnfinishedStatus } from '../../src/index.ts';
import { type Cut, cuttingProxy } from '../cutting-proxy.ts';
import { MysqlScenario } from '../mysql-scenario.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';

interface CutScenario {
  readonly url: string;
  database(options: { readonly url: string }): MigrationDatabase;
  open(options?: { readonly database?: MigrationDatabase }): Migrations;
  tables(): Promise<unknown[]>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

const timeout = 300_000;
const inTransactions = {
  '0001_first.up.sql': 'CREATE TABLE a1 (id INTEGER);',
  '0002_second.up.sql': 'CREATE TABLE b1 (id INTEGER);\nINSERT INTO b1 VALUES (1);\nCREATE TABLE b2 (id INTEGER);',
  '0003_third.mjs': "export async function up({ db }) { await db.execute('INSERT INTO b1 VALUES (1)'); }",
};
const inSteps = {
  ...inTransactions,
  '0002_second.up.sql':
    `-- transaction: off\n${inTransactions['0002_second.up.sql']}\n` +
    'CREATE UNIQUE INDEX CONCURRENTLY b2_id ON b2 (id);\nDROP INDEX CONCURRENTLY b2_id;\n' +
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS b2_id ON b2 (id);',
};

/** Cuts the connection at every message to the server, each time on a new database; returns how many there were. */
async function cutEverywhere(
  create: () => Promise<CutScenario>,
  when: Cut['when'],
  expectTruth: (scenario: CutScenario) => Promise<void>,
): Promise<number> {
  for (let message = 0; ; message += 1) {
    const scenario = await create();
    await using proxy = await cuttingProxy(scenario.url, { message, when });
    const failure = await runThrough(scenario, proxy.url);
    // A connection that is cut while it is opened, or as the last thing that it is used for.
    const codes = ['MIGRATIONS_CONNECTION_LOST', 'MIGRATIONS_DATABASE_FAILED'];
    if (failure !== undefined) expect(codes).toContain(isMaestroError(failure) ? failure.code : failure);
    if (!proxy.hasCut()) expect(failure).toBeUndefined();
    await expectTruth(scenario);
    expect(await scenario.tables()).toEqual(['a1', 'b1', 'b2']);
    expect(await scenario.rows('SELECT id FROM b1')).toHaveLength(2);
    await using migrations = scenario.open();
    const status = await migrations.status();
    recordFaults({
      promised: 'a migration runs once',
      fault: 'connection to the database cut at a message',
      times: proxy.hasCut() ? 1 : 0,
      checked: { migrations: status.applied.length },
      wrong: { 'records that are not true': status.pending.length + status.unfinished.length },
    });
    expect(status).toMatchObject({ pending: [], unfinished: [] });
    if (!proxy.hasCut()) return message;
  }
}

async function runThrough(scenario: CutScenario, url: string): Promise<unknown> {
  await using migrations = scenario.open({ database: scenario.database({ url }) });
  return await migrations.run().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describeWith('a connection cut at every message', ['postgresql', 'mariadb'], (parts) => {
  it.each(['asked', 'answered'] as const)(
    'leaves nothing undone that is recorded on PostgreSQL, when it has %s',
    { timeout },
    async (when) => {
      const create = () => PostgresqlScenario.create(parts().postgresql.url, inTransactions);
      const count = await cutEverywhere(create, when, async (scenario) => {
        await using migrations = scenario.open();
        const { applied, unfinished } = await migrations.status();
        expect(unfinished).toEqual([]);
        const tables = [['a1'], ['b1', 'b2'], []];
        expect(await scenario.tables()).toEqual(applied.flatMap((_, index) => tables[index] ?? []));
        await migrations.run();
      });
      expect(count).toBeGreaterThan(15);
    },
  );

  it.each(['asked', 'answered'] as const)(
    'leaves no invalid index and nothing to repair on PostgreSQL in steps, when it has %s',
    { timeout },
    async (when) => {
      const scenarios: PostgresqlScenario[] = [];
      const create = async () => {
        const scenario = await PostgresqlScenario.create(parts().postgresql.url, inSteps);
        scenarios.push(scenario);
        return scenario;
      };
      const count = await cutEverywhere(create, when, async (scenario) => {
        await using migrations = scenario.open();
        await migrations.run();
        expect(await scenarios.at(-1)?.invalidIndexes()).toEqual([]);
      });
      expect(count).toBeGreaterThan(25);
    },
  );

  it.each(['asked', 'answered'] as const)(
    'leaves one statement unknown at most on MariaDB, which repair settles, when it has %s',
    { timeout },
    async (when) => {
      let repaired = 0;
      const create = () => MysqlScenario.create(parts().mariadb.url, inTransactions);
      const count = await cutEverywhere(create, when, async (scenario) => {
        await using migrations = scenario.open();
        const failure: unknown = await migrations.run().catch((error: unknown) => error);
        if (!isMaestroError(failure)) return;
        expect(failure.code).toBe('MIGRATIONS_UNKNOWN');
        const { unfinished } = await migrations.status();
        expect(unfinished).toHaveLength(1);
        await migrations.repair(await whatIsTrue(scenario, unfinished[0]));
        await migrations.run();
        repaired += 1;
      });
      expect(count).toBeGreaterThan(25);
      expect(repaired).toBeGreaterThan(0);
    },
  );
});

/** As an operator who looks into the database. */
async function whatIsTrue(scenario: CutScenario, unfinished: UnfinishedStatus | undefined) {
  const { name = '', unknown = '' } = unfinished ?? {};
  const created = /CREATE TABLE (?<table>\w+)/.exec(unknown ?? '')?.groups?.table;
  return (await scenario.tables()).includes(created) ? { applied: name } : { retry: name };
}
