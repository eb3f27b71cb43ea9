import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processIdentity, systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readDocument } from '../src/markdown/document.ts';
import { runWalkthrough, type StepReport } from '../src/walkthrough/run-walkthrough.ts';

const fence = '```';
const page = (...blocks: readonly (readonly [string, string])[]) =>
  readDocument(
    'docs/a.md',
    ['# A', '<!-- walkthrough -->', ...blocks.map(([head, text]) => `${fence}${head}\n${text}\n${fence}`)].join('\n\n'),
  );

describe('a walkthrough', () => {
  let npmCache: string;

  beforeAll(async () => {
    npmCache = await mkdtemp(join(tmpdir(), 'npm-cache-'));
  });
  afterAll(() => rm(npmCache, { recursive: true }));

  async function follow(document: ReturnType<typeof page>, deadlineMs?: number) {
    const steps: StepReport[] = [];
    const problems = await runWalkthrough({
      document,
      suites: {},
      npmrc: 'registry=http://127.0.0.1:1/\n',
      npmCache,
      onStep: (step) => steps.push(step),
      say: () => undefined,
      clock: systemClock,
      deadlineMs,
    });
    return { problems, steps };
  }

  it('is followed in a fresh folder, by a reader with a home of their own and no maestro', async () => {
    const { problems, steps } = await follow(
      page(
        ['sh', 'ls -A; mkdir shop; cd shop'],
        ['js file=src/a.mjs', 'console.log(1);'],
        ['js file=src/a.mjs append', 'console.log(2);'],
        ['sh', 'node src/a.mjs; git config user.name; npm config get registry; pwd'],
        ['text output', '1\n2\nReader\nhttp://127.0.0.1:1/\n…/work/shop'],
        ['sh exit=127', 'maestro --version'],
        ['sh not-run="needs a cloud"', 'exit 1'],
      ),
    );
    expect(problems).toEqual([]);
    expect(steps.map(({ kind, exitCode }) => [kind, exitCode])).toEqual([
      ['run', 0],
      ['write', null],
      ['write', null],
      ['run', 0],
      ['run', 127],
      ['not-run', null],
    ]);
  });

  it('leaves no process and no file, also of what left its shell', async () => {
    const { steps } = await follow(page(['sh', 'setsid sleep 600 & echo $!; pwd']));
    const [pid = '', folder = ''] = steps[0]?.printed.split('\n') ?? [];
    expect(await processIdentity(Number(pid))).toBeUndefined();
    expect(folder).toMatch(/work$/);
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['another exit code', [['sh', 'exit 3']], /^ended with 3, not with 0/],
    ['success where failure is told', [['sh exit=3', 'true']], /^ended with 0, not with 3/],
    [
      'another output',
      [
        ['sh', 'echo a; echo b'],
        ['text output', 'a\nc'],
      ],
      /^line 2 of the output block .*: c; it printed\na\nb\n$/,
    ],
    [
      'more output',
      [
        ['sh', 'echo a; echo b'],
        ['text output', 'a'],
      ],
      /^more was printed/,
    ],
    [
      'a file that cannot be',
      [
        ['sh', 'mkdir a'],
        ['text file=a', 'x'],
      ],
      /^a cannot be written/,
    ],
  ] as const)('ends at the first step that is not as it says: %s', async (_, blocks, message) => {
    const { problems, steps } = await follow(page(...blocks, ['sh', 'echo never']));
    expect(problems).toEqual([
      { file: 'docs/a.md', line: expect.any(Number) as number, message: expect.stringMatching(message) as string },
    ]);
    expect(steps.at(-1)?.problem).toEqual(problems[0]);
    expect(steps.some(({ printed }) => printed.includes('never'))).toBe(false);
  });

  it('ends a block that does not come to an end', async () => {
    const { problems } = await follow(page(['sh', 'echo begun; sleep 600']), 1_000);
    expect(problems.map(({ message }) => message)).toEqual(['did not end within 1 s; it printed\nbegun\n']);
  });
});
