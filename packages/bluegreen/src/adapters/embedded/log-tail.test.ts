import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { lastLines } from './log-tail.ts';

async function newFile(contents: string) {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'api.blue.log');
  await writeFile(file, contents);
  return file;
}

it.each([
  ['', 5, []],
  ['one\n', 5, ['one']],
  ['one\ntwo\nthree\n', 2, ['two', 'three']],
  ['one\n\nthree', 2, ['', 'three']],
  ['one\n', 0, []],
])('of %j the last %i lines are %j', async (contents, count, expected) => {
  expect(await lastLines(await newFile(contents), count)).toEqual(expected);
});

it('has no lines of a file that is not there', async () => {
  expect(await lastLines('/nowhere/api.blue.log', 5)).toEqual([]);
});

it('reads the end of a log that is larger than a string may be', async () => {
  const file = await newFile('');
  await truncate(file, 700 * 1024 * 1024);
  await appendFile(file, '\nthe last but one\nthe last\n');
  expect(await lastLines(file, 2)).toEqual(['the last but one', 'the last']);
});
