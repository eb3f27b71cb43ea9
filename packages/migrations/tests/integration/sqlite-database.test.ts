import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemClock } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import type { MigrationEvent } from '../../src/index.ts';
import { sqliteDatabase } from '../../src/sqlite.ts';
import { migrationDatabaseContract } from '../../src/testing.ts';
import { SqliteScenario } from '../sqlite-scenario.ts';

describe('sqliteDatabase', () => {
  const connect = async () => {
    const { file } = await SqliteScenario.create();
    return { one: sqliteDatabase({ file }), other: sqliteDatabase({ file }) };
  };
  for (const { name, run } of migrationDatabaseContract({ connect, keeps: ['transaction'] })) it(name, run);
});

describe('the file', () => {
  it('is not created by looking at the status', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    expect((await scenario.open().status()).pending).toEqual(['0001_a']);
    await expect(stat(scenario.file)).rejects.toThrow('ENOENT');
  });

  it('is created with its folders, for its owner only', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    await rm(dirname(scenario.file), { recursive: true });
    await scenario.open().run();
    expect((await stat(scenario.file)).mode & 0o777).toBe(0o600);
    expect(scenario.tables()).toEqual(['a', 'maestro_migrations']);
  });

  it.each(['wal', 'delete'])('keeps its journal mode, %s', async (mode) => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    scenario.rows(`PRAGMA journal_mode = ${mode}`);
    await scenario.open().run();
    expect(scenario.rows('PRAGMA journal_mode')).toMatchObject([{ journal_mode: mode }]);
  });

  it('may not be something else than a database', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    await writeFile(scenario.file, 'longer than the header of an SQLite file '.repeat(3));
    const failure = { code: 'MIGRATIONS_DATABASE_FAILED', message: `${scenario.file}: file is not a database` };
    await expect(scenario.open().status()).rejects.toMatchObject(failure);
    await expect(scenario.open().run()).rejects.toMatchObject(failure);
  });

  it('holds the histories of several services', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE IF NOT EXISTS a (id);' });
    await scenario.open({ service: 'api' }).run();
    await scenario.open({ service: 'web' }).run();
    expect(scenario.rows('SELECT service, name, version FROM maestro_migrations ORDER BY sequence')).toMatchObject([
      { service: 'api', name: '0001_a', version: 1 },
      { service: 'web', name: '0001_a', version: 1 },
    ]);
  });
});

describe('a history that an earlier version has written', () => {
  const earlier = `CREATE TABLE maestro_migrations (
    sequence INTEGER PRIMARY KEY, service TEXT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL, duration_ms INTEGER NOT NULL, executed_by TEXT NOT NULL, version INTEGER NOT NULL,
    UNIQUE (service, name))`;

  it('is read as it is, and gains its new columns with the next migration', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    await scenario.open().run();
    const [old] = (await scenario.open().status()).applied;
    const values = "'api', '0001_a', '" + String(old?.checksum) + "', '2026-01-01T00:00:00.000Z', 3, 'anna@laptop', 1";
    const service = scenario.connect();
    service.exec(`DROP TABLE maestro_migrations; ${earlier}; INSERT INTO maestro_migrations VALUES (1, ${values})`);
    service.close();
    const applied = [{ name: '0001_a', phase: 'expand', by: 'anna@laptop', durationMs: 3 }];
    expect(await scenario.open().status()).toMatchObject({ applied, pending: [], drifted: [] });
    await scenario.write('0002_b.up.sql', '-- phase: contract\nCREATE TABLE b (id);');
    await scenario.open().run({ phase: 'contract' });
    expect((await scenario.open().status()).applied).toMatchObject([...applied, { name: '0002_b', phase: 'contract' }]);
  });
});

describe('the lock', () => {
  it('is never waited for with the process blocked', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    const writer = scenario.connect();
    writer.exec('BEGIN IMMEDIATE');
    const events: MigrationEvent[] = [];
    const run = scenario.open({ lockDeadlineMs: 400, onEvent: (event) => events.push(event) }).run();
    const rejected = expect(run).rejects.toMatchObject({
      code: 'MIGRATIONS_LOCKED',
      hint: `wait for what else writes to it, see: fuser ${scenario.file}`,
    });
    let longestPauseMs = 0;
    for (const start = systemClock.monotonic(); systemClock.monotonic() - start < 400;) {
      const before = systemClock.monotonic();
      await systemClock.sleep(5);
      longestPauseMs = Math.max(longestPauseMs, systemClock.monotonic() - before);
    }
    await rejected;
    expect(longestPauseMs).toBeLessThan(200);
    expect(events.map(({ type }) => type)).toEqual(['migration-started', 'waiting-for-lock', 'migration-failed']);
    writer.exec('ROLLBACK');
    expect((await scenario.open().run()).applied).toHaveLength(1);
  });

  it('is waited for at the commit too: without WAL a reader holds it up', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    const reader = scenario.connect();
    reader.exec('CREATE TABLE old (id); BEGIN; SELECT * FROM old');
    const types: string[] = [];
    const onEvent = ({ type }: MigrationEvent) => {
      types.push(type);
      if (type === 'waiting-for-lock') reader.exec('COMMIT');
    };
    expect((await scenario.open({ onEvent }).run()).applied).toHaveLength(1);
    expect(types).toEqual(['migration-started', 'statement-applied', 'waiting-for-lock', 'migration-applied']);
    expect(scenario.tables()).toContain('a');
  });

  it('keeps nothing when a reader holds up the commit for too long', async () => {
    const scenario = await SqliteScenario.create({ '0001_a.up.sql': 'CREATE TABLE a (id);' });
    const reader = scenario.connect();
    reader.exec('CREATE TABLE old (id); BEGIN; SELECT * FROM old');
    await expect(scenario.open({ lockDeadlineMs: 100 }).run()).rejects.toMatchObject({ code: 'MIGRATIONS_LOCKED' });
    reader.exec('COMMIT');
    expect(scenario.tables()).toEqual(['old']);
  });
});
