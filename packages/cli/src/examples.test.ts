import { expect, it } from 'vitest';

import { leavesOf } from './command-tree.ts';
import { examples } from './examples.ts';
import { commandLine, parseArguments } from './parse-arguments.ts';
import { RecordedStream } from './testing/recorded-stream.ts';

const stream = () => new RecordedStream({ isTTY: false });
const commands = leavesOf(commandLine({ stdout: stream(), stderr: stream() }, () => undefined));

it.each(commands.map(({ path }) => path))('maestro %s has examples, which are shown with its help and work', (path) => {
  const lines = examples[path] ?? [];
  expect(lines).not.toEqual([]);
  const stdout = stream();
  parseArguments({ argv: [...path.split(' '), '--help'], stdout, stderr: stream() });
  for (const line of lines) {
    expect(stdout.text).toContain(`\n  ${line}\n`);
    const [, words = ''] = /(?:^|\()maestro (.*?)(?:\)$| > .*|$)/.exec(line) ?? [];
    const parsed = parseArguments({ argv: words.split(' '), stdout: stream(), stderr: stream() });
    expect(parsed).toMatchObject({ kind: 'command', command: { name: path } });
  }
});

it('has no examples of commands that are not there', () => {
  expect(Object.keys(examples).toSorted()).toEqual(commands.map(({ path }) => path).toSorted());
});
