import { PassThrough } from 'node:stream';

import { expect, it } from 'vitest';

import { confirm } from './confirm.ts';
import { RecordedStream } from './testing/recorded-stream.ts';

function ask(input: PassThrough, signal = new AbortController().signal) {
  return confirm({ question: 'Stop?', input, output: new RecordedStream({ isTTY: true }), signal });
}

it.each([
  ['y', true],
  ['YES', true],
  [' yes ', true],
  ['n', false],
  ['', false],
  ['yesterday', false],
])('takes "%s" as %s', async (answer, confirmed) => {
  const input = new PassThrough();
  input.write(`${answer}\n`);
  expect(await ask(input)).toBe(confirmed);
});

it('lets go of the input after the answer, so that the process can end', async () => {
  const input = new PassThrough();
  input.write('y\n');
  await ask(input);
  expect(input.isPaused()).toBe(true);
});

it('takes the end of the input as no', async () => {
  const input = new PassThrough();
  input.end();
  expect(await ask(input)).toBe(false);
});

it('stops waiting for an answer when it is interrupted', async () => {
  const interruption = new AbortController();
  const answer = ask(new PassThrough(), interruption.signal);
  interruption.abort(new Error('interrupted'));
  await expect(answer).rejects.toThrow('interrupted');
});
