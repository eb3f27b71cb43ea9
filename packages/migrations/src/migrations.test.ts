import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { RecordingLogger } from '@maestro/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { createTable, namesOf, Scenario } from '../tests/scenario.ts';
import type { MigrationEvent } from './events.ts';
import { openMigrations } from './migrations.ts';
import type { MigrationDatabase } from './ports/migration-database.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.create();
});

const asyncUp = (stem: string) => `export async function up({ db }) {\n  await db.execute('${createTable(stem)}');\n}`;
const plainUp = (stem: string) => asyncUp(stem).replace('async ', '').replace('await ', '');
const typedUp = (stem: string) =>
  asyncUp(stem).replace('{ db }', '{ db }: { db: { execute(sql: string): Promise<void> } }');

describe('run', () => {
  it('applies what is pending in order of number, and nothing the next time', async () => {
    await scenario.writeScripts('0010_third', '0002_second', '0001_first');
    const first = await scenario.open().run();
    expect(namesOf(first.applied)).toEqual(['0001_first', '0002_second', '0010_third']);
    expect(scenario.database.statements).toEqual(['0001_first', '0002_second', '0010_third'].map(createTable));
    expect(await scenario.open().run()).toEqual({ applied: [], waiting: [] });
  });

  it('stops after the migration it was told to', async () => {
    await scenario.writeScripts('0001_a', '0002_b', '0003_c');
    expect(namesOf((await scenario.open().run({ to: '0002_b' })).applied)).toEqual(['0001_a', '0002_b']);
    expect((await scenario.open().status()).pending).toEqual(['0003_c']);
  });

  it('refuses a last migration that is not there', async () => {
    await scenario.writeScripts('0001_a');
    await expect(scenario.open().run({ to: '0009_z' })).rejects.toMatchObject({ code: 'MIGRATIONS_BAD_TARGET' });
    expect(scenario.database.statements).toEqual([]);
  });

  it('applies late ones and says so', async () => {
    await scenario.writeScripts('0002_b');
    await scenario.open().run();
    await scenario.writeScripts('0001_a', '0003_c');
    expect((await scenario.open().status()).late).toEqual(['0001_a']);
    scenario.events.length = 0;
    await scenario.open().run();
    expect(scenario.events).toMatchObject([
      { type: 'migration-started', service: 'api', name: '0001_a', direction: 'up', late: true },
      { type: 'statement-applied', service: 'api', name: '0001_a', direction: 'up', number: 1, total: 1 },
      { type: 'migration-applied', service: 'api', name: '0001_a', durationMs: 0, late: true },
      { type: 'migration-started', name: '0003_c', late: false },
      { type: 'statement-applied', name: '0003_c' },
      { type: 'migration-applied', name: '0003_c', late: false },
    ]);
    expect(namesOf((await scenario.open().status()).applied)).toEqual(['0002_b', '0001_a', '0003_c']);
  });

  it('refuses before it touches anything when an applied file changed or is gone', async () => {
    await scenario.writeScripts('0001_a', '0002_b');
    await scenario.open().run({ to: '0001_a' });
    const before = scenario.database.statements;
    await scenario.write('0001_a.up.sql', createTable('other'));
    const details = { names: ['0001_a'] };
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_DRIFTED', details });
    await scenario.removeScripts('0001_a');
    await expect(scenario.open().run()).rejects.toMatchObject({ code: 'MIGRATIONS_MISSING', details });
    expect(scenario.database.statements).toEqual(before);
  });

  it('keeps nothing of a migration that fails, and everything before it', async () => {
    await scenario.writeScripts('0001_a');
    await scenario.write('0002_b.up.sql', `${createTable('b')};\n\nthis is no statement;`);
    await expect(scenario.open().run()).rejects.toMatchObject({
      code: 'MIGRATIONS_FAILED',
      message: `api: ${join(scenario.folder, '0002_b.up.sql')}:3: syntax error in 'this is no statement;'`,
      details: { service: 'api', name: '0002_b', file: join(scenario.folder, '0002_b.up.sql'), line: 3 },
    });
    expect(scenario.database.statements).toEqual([createTable('0001_a')]);
    expect((await scenario.open().status()).pending).toEqual(['0002_b']);
    expect(scenario.events.at(-1)).toMatchObject({ type: 'migration-failed', name: '0002_b', direction: 'up' });
  });

  it('runs TypeScript and JavaScript migrations, async ones too', async () => {
    await scenario.write('0001_a.ts', typedUp('a'));
    await scenario.write('0002_b.mjs', asyncUp('b'));
    await scenario.open().run();
    expect(scenario.database.statements).toEqual([createTable('a'), createTable('b')]);
  });

  it('gives a migration the logger', async () => {
    await scenario.write('0001_a.js', "export const up = ({ logger }) => { logger.info('moved', { rows: 3 }); };");
    const logger = new RecordingLogger();
    await openMigrations({ service: 'api', folder: scenario.folder, database: scenario.database, logger }).run();
    expect(logger.lines).toEqual([{ level: 'info', message: 'moved', fields: { rows: 3 } }]);
  });

  it('runs a module as it is now, also when an earlier version was loaded before', async () => {
    await scenario.write('0001_a.mjs', "export function up() { throw new Error('first try'); }");
    await expect(scenario.open().run()).rejects.toThrow('first try');
    await scenario.write('0001_a.mjs', plainUp('a'));
    await scenario.open().run();
    expect(scenario.database.statements).toEqual([createTable('a')]);
  });

  it.each([
    ['0002_b.js', 'export function down() {}', "0002_b exports no function 'up'"],
    ['0002_b.js', "import './nowhere.js'; export function up() {}", '0002_b cannot be loaded'],
  ])('refuses the module %s of %j before it touches anything', async (file, text, message) => {
    await scenario.writeScripts('0001_a');
    await scenario.write(file, text);
    await expect(scenario.open().run()).rejects.toThrow(message);
    expect(scenario.database.statements).toEqual([]);
  });

  it('applies nothing twice when several run at once', async () => {
    await scenario.writeScripts('0001_a', '0002_b', '0003_c');
    const runs = Promise.all([scenario.open().run(), scenario.open().run(), scenario.open().run()]);
    await scenario.settle(runs);
    const applied = (await runs).flatMap((run) => namesOf(run.applied));
    expect(applied.sort()).toEqual(['0001_a', '0002_b', '0003_c']);
    expect(scenario.database.statements).toHaveLength(3);
  });

  it('waits for whoever holds the database, then gives up', async () => {
    await scenario.writeScripts('0001_a');
    const holder = await scenario.database.lock();
    const run = scenario.open().run();
    const rejected = expect(run).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED', retryable: true });
    await scenario.settle(run);
    await rejected;
    expect(scenario.events).toMatchObject([
      {
        type: 'waiting-for-lock',
        location: 'memory',
        timeoutMs: 1000,
        reason: 'memory is locked by another connection',
      },
    ]);
    await holder.release();
    expect(namesOf((await scenario.open().run()).applied)).toEqual(['0001_a']);
  });

  it('needs no lock when nothing is pending', async () => {
    await scenario.writeScripts('0001_a');
    await scenario.open().run();
    await scenario.database.lock();
    expect(await scenario.open().run()).toEqual({ applied: [], waiting: [] });
  });

  it('stops waiting for a migration when it is aborted, and keeps nothing of it', async () => {
    await scenario.write('0001_a.mjs', plainUp('a').replace(';', '; return new Promise(() => {});'));
    const stop = new AbortController();
    const onEvent = ({ type }: MigrationEvent) => {
      if (type !== 'migration-started') return;
      setImmediate(() => {
        stop.abort(new Error('enough'));
      });
    };
    const { folder, database } = scenario;
    const migrations = openMigrations({ service: 'api', folder, database, onEvent });
    await expect(migrations.run({ signal: stop.signal })).rejects.toThrow('enough');
    expect(scenario.database.statements).toEqual([]);
    expect((await migrations.status()).pending).toEqual(['0001_a']);
  });
});

describe('status', () => {
  it('tells everything about the history and the files, and changes nothing', async () => {
    await scenario.writeScripts('0001_a', '0002_b', '0004_d');
    await scenario.open().run();
    await scenario.write('0001_a.up.sql', createTable('other'));
    await scenario.removeScripts('0002_b');
    await scenario.writeScripts('0003_c', '0005_e');
    const before = scenario.database.statements;
    const status = await scenario.open().status();
    expect(status).toMatchObject({
      service: 'api',
      pending: ['0003_c', '0005_e'],
      late: ['0003_c'],
      drifted: ['0001_a'],
      missing: ['0002_b'],
    });
    expect(status.applied[0]).toEqual({
      name: '0001_a',
      phase: 'expand',
      at: '2026-01-01T00:00:00.000Z',
      durationMs: 0,
      by: expect.stringMatching(/^.+@.+$/) as string,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(scenario.database.statements).toBe(before);
  });

  it('knows a migration again when its TypeScript was compiled', async () => {
    await scenario.write('0001_a.ts', typedUp('a'));
    await scenario.open().run();
    await rm(join(scenario.folder, '0001_a.ts'));
    await scenario.write('0001_a.js', asyncUp('a'));
    expect(await scenario.open().status()).toMatchObject({ pending: [], drifted: [], missing: [] });
  });
});

it('closes its database', async () => {
  let closed = 0;
  const counting: MigrationDatabase = {
    location: 'counting',
    dialect: 'sqlite',
    history: () => Promise.resolve({ applied: [], unfinished: [] }),
    lock: () => scenario.database.lock(),
    read: (work) => scenario.database.read(work),
    close: () => Promise.resolve(void (closed += 1)),
  };
  await scenario.open(counting)[Symbol.asyncDispose]();
  expect(closed).toBe(1);
});
