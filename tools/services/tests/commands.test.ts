import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { aws } from '../src/parts/aws.ts';
import { partNames } from '../src/parts.ts';
import type { StateFolder } from '../src/state-folder.ts';
import { describeWith } from '../src/vitest.ts';
import { ownState } from './own-state.ts';

const timeout = 120_000;
const main = join(import.meta.dirname, '..', 'src', 'main.ts');

interface Line {
  readonly type: string;
  readonly part?: string;
  readonly state?: string;
  readonly address?: string;
  readonly ok?: boolean;
  readonly parts?: readonly Line[];
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function services(state: StateFolder, args: readonly string[], environment = {}): Promise<Outcome> {
  const env = { ...process.env, MAESTRO_PARTS_FOLDER: state.path, ...environment };
  const node = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', main, ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, node, { env })) };
  } catch (error) {
    return error as Outcome;
  }
}

function lines({ stdout }: Outcome): readonly Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

it('lists every part with its state and version', { timeout }, async () => {
  const listed = lines(await services(await ownState([]), ['check', '--json']));
  expect(listed.at(-1)).toMatchObject({ type: 'result', parts: listed.slice(0, -1).map(withoutEnvelope) });
  expect(listed.slice(0, -1).map(({ part }) => part)).toEqual(partNames);
  for (const part of listed.slice(0, -1)) {
    expect(part).toMatchObject({
      type: 'part',
      state: expect.stringMatching(/^(running|available|installable|missing)$/) as string,
    });
    expect(part).toHaveProperty('version');
  }
});

function withoutEnvelope(line: Line): object {
  return Object.fromEntries(Object.entries(line).filter(([name]) => name !== 'type' && name !== 'at'));
}

describeWith('the command', ['aws'], () => {
  it('starts a part that stays, finds it, and stops it', { timeout }, async () => {
    const state = await ownState([aws]);
    const up = await services(state, ['up', 'aws', '--json']);
    expect(up.code, up.stdout).toBe(0);
    const address = lines(up).at(-1)?.parts?.[0]?.address ?? '';
    await aws.server.ask(address, AbortSignal.timeout(5_000));

    const again = await services(state, ['up', 'aws']);
    expect(again.stdout).toMatch(new RegExp(`^aws +running +\\d\\S+ +${address}$`, 'm'));
    expect(again.stderr).toBe('');

    const down = await services(state, ['down', 'aws', '--json']);
    expect(lines(down).at(-1)).toMatchObject({ ok: true, parts: [{ part: 'aws', state: 'available' }] });
    await expect(aws.server.ask(address, AbortSignal.timeout(5_000))).rejects.toThrow();
  });
});

it('says what is missing and how to get it, and exits with 1', { timeout }, async () => {
  const { code, stdout } = await services(await ownState([]), ['check', 'aws'], { PATH: '/nowhere' });
  expect(stdout).toMatch(/^aws +missing +pip install 'moto\[server\]'; or set MAESTRO_TEST_AWS$/m);
  expect(code).toBe(1);
});

it('says why a part could not be started, and exits with 1', { timeout }, async () => {
  const { code, stdout } = await services(await ownState([]), ['up', 'aws', '--json'], { PATH: '/nowhere' });
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'result',
    ok: false,
    parts: [{ part: 'aws', state: 'missing', error: { code: 'PART_MISSING' } }],
  });
  expect(code).toBe(1);
});

it.each([
  ['no command', [], 'no command'],
  ['a command that does not exist', ['start'], 'there is no command "start"'],
  ['a part that does not exist', ['up', 'oracle'], 'there is no part "oracle"; there are: '],
  ['an option that does not exist', ['check', '--yaml'], "Unknown option '--yaml'"],
])('refuses %s with the usage and exits with 2', { timeout }, async (_, args, reason) => {
  const { code, stderr } = await services(await ownState([]), args);
  expect(stderr).toContain(reason);
  expect(stderr).toContain('usage: npm run services --');
  expect(code).toBe(2);
});
