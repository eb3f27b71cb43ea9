import { expect, it } from 'vitest';

import { problemsOf } from './check-dockerfiles.ts';
import { readDockerfile } from './read-dockerfile.ts';

const instructionsOf = (text: string) => readDockerfile(`FROM a:1\n${text}`).stages[0]?.instructions ?? [];

it.each([
  ['lines that go on, with comments and empty lines between', 'RUN a \\\n  # no\n\n  && b \\  \n  c', 'a   && b   c'],
  ['lines ended by CRLF', 'RUN a \\\r\n  b\r\n', 'a   b'],
  ['a sign of a comment that is none', 'RUN a#b \\\n  c # d', 'a#b   c # d'],
  ['a document', 'RUN <<EOF sh\na\nEOF\n', '<<EOF sh'],
])('reads %s', (_, text, expected) => {
  expect(instructionsOf(text)[0]?.text).toBe(expected);
});

it('reads documents in their order, and goes on behind them', () => {
  const [copy, run] = instructionsOf('COPY <<A <<-"B" /x/\none\nCMD b\nA\n\ttwo\n\tB\nRUN a');
  expect(copy?.documents).toEqual(['one\nCMD b', '\ttwo']);
  expect(run).toMatchObject({ keyword: 'RUN', line: 8, text: 'a' });
});

it('goes by the escape character that a Dockerfile names', () => {
  const { stages } = readDockerfile('# escape=`\nFROM a:1\nRUN a `\n  && b \\\nUSER 5');
  expect(stages[0]?.instructions).toMatchObject([{ text: 'a   && b \\' }, { keyword: 'USER', text: '5' }]);
});

it('reads flags, and JSON over several lines', () => {
  const [run, command] = instructionsOf('RUN --mount=type=cache,target=/a --mount=type=tmpfs b\nCMD [ "a", \\\n "b" ]');
  expect(run).toMatchObject({
    text: 'b',
    flags: [{ name: 'mount', value: 'type=cache,target=/a' }, { name: 'mount' }],
  });
  expect(command?.json).toEqual(['a', 'b']);
});

it.each([
  ['a script', 'RUN <<EOF\napt-get update | cat\nEOF', ['DL3009', 'DL4006']],
  ['a script for a shell', 'RUN bash -e <<EOF\napt-get update\nEOF', ['DL3009']],
  ['no script', 'RUN cat <<EOF > /file\napt-get update | cat\nEOF', []],
])('takes a document for %s', (_, text, codes) => {
  const problems = problemsOf(`FROM a:1\n${text}\nHEALTHCHECK NONE`);
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(codes);
});

it('excepts what a comment names, for the next line or for all', () => {
  const codes = (text: string) => problemsOf(text).map((problem) => problem.split(' ')[0]);
  expect(codes('FROM a\nUSER root')).toEqual(['DL3006', 'DL3057', 'DL3002', 'DL3066']);
  expect(codes('# hadolint ignore=DL3006, DL3057\nFROM a\nUSER root')).toEqual(['DL3002', 'DL3066']);
  expect(codes('# hadolint ignore=DL3002\nFROM a\n# hadolint global ignore=DL3066\nUSER root')).toEqual([
    'DL3006',
    'DL3057',
    'DL3002',
  ]);
});
