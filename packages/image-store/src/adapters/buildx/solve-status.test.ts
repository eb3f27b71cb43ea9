import { expect, it } from 'vitest';

import { SolveStatus } from './solve-status.ts';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const log = (data: string | Uint8Array, stream = 1) =>
  JSON.stringify({ logs: [{ vertex: 'sha256:b', stream, data: base64(data), timestamp: '2026-08-06T11:13:42Z' }] });

function linesOf(...printed: readonly string[]): readonly string[] {
  const status = new SolveStatus();
  return [...printed.flatMap((line) => status.take(line)), ...status.end()];
}

it('tells of each step once, in words of the build', () => {
  const started = '"started":"2026-08-06T11:13:42.000Z"';
  const completed = '"completed":"2026-08-06T11:13:42.500Z"';
  const lines = linesOf(
    '{"vertexes":[{"digest":"sha256:a","name":"[1/3] FROM docker.io/library/busybox"},{"digest":"sha256:b","inputs":["sha256:a"],"name":"[2/3] RUN echo one"}]}',
    `{"vertexes":[{"digest":"sha256:a","name":"[1/3] FROM docker.io/library/busybox","cached":true,${started},${completed}}]}`,
    `{"vertexes":[{"digest":"sha256:b","name":"[2/3] RUN echo one",${started}}]}`,
    `{"vertexes":[{"digest":"sha256:b","name":"[2/3] RUN echo one",${started}}]}`,
    '{"statuses":[{"id":"transferring dockerfile:","vertex":"sha256:9b","current":29,"timestamp":"2026-08-06T11:13:42Z"}]}',
    log('one\n'),
    `{"vertexes":[{"digest":"sha256:b","name":"[2/3] RUN echo one",${started},${completed}}]}`,
    `{"vertexes":[{"digest":"sha256:c","name":"[3/3] RUN false",${started}}]}`,
    `{"vertexes":[{"digest":"sha256:c","name":"[3/3] RUN false",${started},${completed},"error":"exit code: 1"}]}`,
    `{"warnings":[{"vertex":"sha256:d","level":1,"short":"${base64('a warning')}"}]}`,
  );
  expect(lines).toEqual([
    '[1/3] FROM docker.io/library/busybox (cached)',
    '[2/3] RUN echo one',
    'one',
    '[3/3] RUN false',
    '[3/3] RUN false: exit code: 1',
    'warning: a warning',
  ]);
});

it('puts together what steps print in pieces, letters too', () => {
  const umlaut = Buffer.from('ü');
  expect(
    linesOf(
      log('one '),
      log('error\n', 2),
      log(Buffer.concat([Buffer.from('two '), umlaut.subarray(0, 1)])),
      log(umlaut.subarray(1)),
      log('\r\nrest'),
    ),
  ).toEqual(['error', 'one two ü', 'rest']);
});

it('keeps what is no status as it is', () => {
  expect(linesOf('ERROR: failed to solve: exit code 1', '', '{"vertexes":{}}', '{"logs":null}', '{')).toEqual([
    'ERROR: failed to solve: exit code 1',
    '{"vertexes":{}}',
    '{',
  ]);
});
