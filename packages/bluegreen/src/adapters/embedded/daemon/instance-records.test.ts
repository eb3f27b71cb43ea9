import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RecordingLogger } from '@maestro/core/testing';
import { expect, it, onTestFinished } from 'vitest';

import { type InstanceRecord, readRecords, RecordWriter } from './instance-records.ts';

const record: InstanceRecord = {
  service: 'api',
  slot: 'blue',
  release: 'r1',
  image: 'shop-api:demo-abc1234',
  digest: 'sha256:one',
  configHash: 'c1',
  state: 'running',
  addresses: [{ host: '127.0.0.1', port: 21_000 }],
  restarts: 0,
  imageHealth: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  exit: null,
  pid: 4711,
  identity: '42',
};

async function newFile() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-records-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'instances.json');
}

it('reads what was written, and nothing where nothing was written', async () => {
  const file = await newFile();
  const logger = new RecordingLogger();
  expect(await readRecords(file, logger)).toEqual([]);
  await new RecordWriter({ file, logger, records: () => [record] }).write();
  expect(await readRecords(file, logger)).toEqual([record]);
  expect(logger.lines).toEqual([]);
});

it.each(['', '{', '[{"pid":1}]', '{"service":"api"}'])(
  'starts anew from a file that holds %j, and says so',
  async (contents) => {
    const file = await newFile();
    const logger = new RecordingLogger();
    await writeFile(file, contents);
    expect(await readRecords(file, logger)).toEqual([]);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { file } }]);
  },
);

it('leaves the last picture on disk when several are written at once', async () => {
  const file = await newFile();
  let pid = 0;
  const writer = new RecordWriter({ file, logger: new RecordingLogger(), records: () => [{ ...record, pid }] });
  const writes = [1, 2, 3, 4, 5].map((next) => {
    pid = next;
    return writer.write();
  });
  await Promise.all(writes);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject([{ pid: 5 }]);
});

it('logs that it cannot write, and goes on', async () => {
  const file = await newFile();
  const logger = new RecordingLogger();
  await writeFile(file, 'a file where a folder should be');
  const writer = new RecordWriter({ file: join(file, 'instances.json'), logger, records: () => [] });
  await writer.write();
  expect(logger.lines).toMatchObject([{ level: 'error' }]);
});
