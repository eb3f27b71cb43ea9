import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { systemClock } from '@maestro/core';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { fileLines } from './file-lines.ts';

async function newFile(contents: string) {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'api.blue.log');
  await writeFile(path, contents);
  return path;
}

async function read(options: Parameters<typeof fileLines>[0]): Promise<readonly string[]> {
  return (await Readable.from(fileLines(options)).toArray()) as string[];
}

it.each([
  ['', undefined, []],
  ['one\ntwo\nthree\n', undefined, ['one', 'two', 'three']],
  ['one\ntwo\nthree\n', 2, ['two', 'three']],
  ['one\ntwo\nthree', 2, ['two', 'three']],
  ['one\n\nthree\n', 2, ['', 'three']],
  ['one\r\ntwo\r\n', 1, ['two']],
  ['one\n', 0, []],
  ['one\n', 5, ['one']],
])('of %j the last %s lines are %j', async (contents, tail, expected) => {
  expect(await read({ path: await newFile(contents), tail })).toEqual(expected);
});

it('has no lines of a file that is not there', async () => {
  expect(await read({ path: '/nowhere/api.blue.log' })).toEqual([]);
});

it('finds the last lines wherever the blocks end that it looks through', async () => {
  const line = fc.oneof(
    fc.constant(''),
    fc.integer({ min: 65_530, max: 65_540 }).map((size) => 'ä'.repeat(size / 2)),
  );
  const path = await newFile('');
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), fc.nat(6), async (lines, tail) => {
      await writeFile(path, `${lines.join('\n')}\n`);
      expect(await read({ path, tail })).toEqual(tail === 0 ? [] : lines.slice(-tail));
    }),
    { numRuns: 50 },
  );
});

it('goes on with what is appended, and with the file of the next start, until nothing writes any more', async () => {
  const path = await newFile('before\n');
  let writes = true;
  const follow = { isWritten: () => Promise.resolve(writes), clock: systemClock };
  const lines = fileLines({ path, tail: 1, follow });
  const next = async () => (await lines.next()).value as unknown;
  expect(await next()).toBe('before');
  await appendFile(path, 'appe');
  const appended = next();
  await appendFile(path, 'nded\n');
  expect(await appended).toBe('appended');
  await rename(path, `${path}.1`);
  await appendFile(`${path}.1`, 'the last of it\n');
  await writeFile(path, 'started again\n');
  expect(await next()).toBe('the last of it');
  expect(await next()).toBe('started again');
  await appendFile(path, 'cut off');
  writes = false;
  expect(await next()).toBe('cut off');
  expect((await lines.next()).done).toBe(true);
});

it('ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const follow = { isWritten: () => Promise.resolve(true), clock: systemClock };
  const lines = fileLines({ path: await newFile(''), follow, signal: stop.signal });
  const next = lines.next();
  stop.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
});
