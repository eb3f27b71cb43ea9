import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { requestOf } from './access-log.ts';
import { linesBackwards } from './log-lines.ts';

const window = { service: 'web', slot: 'green', sinceMs: 1_000_000, untilMs: 2_000_000 } as const;

function line(fields: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    at: '1500.250',
    service: 'web',
    slot: 'green',
    status: '200',
    seconds: '0.300',
    upstreamSeconds: '0.120',
    long: '',
    canary: '',
    preview: '',
    path: '/',
    ...fields,
  });
}

it.each([
  ['a request', {}, { status: 200, durationMs: 120 }],
  ['a failed one', { status: '502' }, { status: 502, durationMs: 120 }],
  ['one that two replicas were asked', { upstreamSeconds: '0.100, 0.020' }, { status: 200, durationMs: 120 }],
  ['one that came to no replica', { upstreamSeconds: '-' }, { status: 200, durationMs: null }],
  ['one whose client went away', { status: '499' }, { status: 499, durationMs: null }],
  ['a long-lived one', { long: '1', status: '101' }, { status: 101, durationMs: null }],
])('reads %s', (_, fields, expected) => {
  expect(requestOf(line(fields), window)).toEqual(expected);
});

it.each([
  ['another slot', { slot: 'blue' }],
  ['another service', { service: 'web-2' }],
  ['no slot', { slot: '' }],
  ['a time before', { at: '999.999' }],
  ['a time after', { at: '2000.000' }],
  ['a preview', { preview: 'green' }],
  ['no time', { at: '' }],
])('passes over requests of %s', (_, fields) => {
  expect(requestOf(line(fields), window)).toBeNull();
});

it('is not taken in by a path that looks like a line', () => {
  const path = '"service":"web","slot":"green","status":"500"';
  expect(requestOf(line({ slot: 'blue', path }), window)).toBeNull();
  expect(requestOf(line({ path }), window)).toEqual({ status: 200, durationMs: 120 });
});

it('gives the lines of a file from the last to the first, however long they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-lines-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'log');
  const lines = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replaceAll('\n', ' ')));
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 9 }), async (texts, partBytes) => {
      await writeFile(file, texts.map((text) => `${text}\n`).join(''));
      const read: string[] = [];
      for await (const one of linesBackwards(file, partBytes)) read.push(one);
      expect(read).toEqual(texts.toReversed());
    }),
    { numRuns: 60 },
  );
  const none: string[] = [];
  for await (const one of linesBackwards(join(folder, 'none'))) none.push(one);
  expect(none).toEqual([]);
});
