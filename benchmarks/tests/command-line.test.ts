import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { describe, expect, it, onTestFinished } from 'vitest';

function start(...args: readonly string[]) {
  const main = join(import.meta.dirname, 'fixtures', 'main.ts');
  return spawn(process.execPath, ['--conditions=@maestro/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ReturnType<typeof start>) {
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr, lines: stdout.trimEnd().split('\n') };
}

async function firstRound(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.includes('"type":"round"')) resolve();
    });
  });
}

function eventOf(line: string | undefined): unknown {
  return JSON.parse(line ?? '');
}

const pace = {
  name: 'pace',
  value: 9,
  unit: '1/s',
  bar: 'ratio >= 0.9',
  peer: { name: 'hare', value: 10 },
  ratio: 0.9,
  ok: true,
  statistic: 'median',
  samples: 2,
  spread: { min: 9, max: 9 },
  peerSpread: { min: 10, max: 10 },
  ratioSpread: { min: 0.9, max: 0.9 },
};

describe('a benchmark whose bars are met', () => {
  it('exits 0 and prints the machine, each round and the result as lines of JSON', async () => {
    const { code, lines, stderr } = await finish(start('meets', '--json'));
    expect(code).toBe(0);
    expect(stderr).toContain('cleaned up');
    expect(lines.map((line) => (eventOf(line) as { type: string }).type)).toEqual([
      'machine',
      'round',
      'round',
      'result',
    ]);
    expect(eventOf(lines[0])).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      benchmark: 'meets',
      quick: false,
      platform: process.platform,
      node: process.version,
      peers: { hare: '1.0.0' },
    });
    expect(eventOf(lines.at(-1))).toEqual({
      type: 'result',
      ok: true,
      figures: [
        pace,
        {
          name: 'failed',
          value: 0,
          unit: 'requests',
          bar: 'value <= 0',
          peer: null,
          ratio: null,
          ok: true,
          statistic: 'sum',
          samples: 1,
          spread: { min: 0, max: 0 },
          peerSpread: null,
          ratioSpread: null,
        },
      ],
    });
  });

  it('prints only the table to stdout without --json, and its progress to stderr', async () => {
    const { code, stdout, stderr } = await finish(start('meets'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^figure .*\npace .* met\nfailed .* met\n\nEvery bar is met\.\n$/);
    expect(stderr).toContain('pace, round 2 of 2: ours 9, hare 10 1/s, ratio 0.9');
  });
});

describe('a benchmark that does not do well', () => {
  it('exits 1 where a bar is missed', async () => {
    const { code, lines } = await finish(start('misses', '--json'));
    expect(code).toBe(1);
    expect(eventOf(lines.at(-1))).toEqual({
      type: 'result',
      ok: false,
      figures: [{ ...pace, bar: 'ratio >= 0.91', ok: false }],
    });
  });

  it('exits 1 where it throws, with the figures it had, and tells where on stderr', async () => {
    const { code, lines, stderr } = await finish(start('throws', '--json'));
    expect(code).toBe(1);
    expect(eventOf(lines.at(-1))).toEqual({
      type: 'result',
      ok: false,
      figures: [{ ...pace, samples: 1 }],
      error: { code: 'INTERNAL', message: 'boom', hint: null },
    });
    expect(stderr).toMatch(/cleaned up\n[^]*TypeError: boom\n +at .*fixtures\/main\.ts/);
  });

  it('is cleaned up after also where nobody caught what it threw', async () => {
    const { code, lines, stderr } = await finish(start('crashes', '--json'));
    expect(code).toBe(1);
    expect(eventOf(lines.at(-1))).toMatchObject({ error: { message: 'thrown where nobody catches it' } });
    expect(stderr).toContain('cleaned up');
  });

  it('is ended at the deadline of --quick even when it ignores it', async () => {
    const { code, lines, stderr } = await finish(start('ignoresItsSignal', '--quick', '--json'));
    expect(code).toBe(1);
    expect(eventOf(lines.at(-1))).toMatchObject({
      type: 'result',
      ok: false,
      figures: [],
      error: { code: 'BENCH_TIMEOUT', message: 'the benchmark did not end within 500 ms' },
    });
    expect(stderr).toContain('cleaned up');
  });
});

describe('with --save', () => {
  async function save(...args: readonly string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-results-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    process.env.BENCH_RESULTS = folder;
    onTestFinished(() => {
      delete process.env.BENCH_RESULTS;
    });
    const { code, stderr } = await finish(start(...args, '--save'));
    const kept = (await readdir(folder)).map((name) => join(folder, name));
    return { code, stderr, kept: await Promise.all(kept.map(async (path) => eventOf(await readFile(path, 'utf8')))) };
  }

  it.each(['meets', 'misses'])('a run that %s its bars is kept, with its samples', async (name) => {
    const { stderr, kept } = await save(name);
    expect(stderr).toContain(`${name}.json; npm run docs writes it into docs/benchmarks.md`);
    expect(kept).toMatchObject([
      {
        benchmark: name,
        quick: false,
        durationMs: expect.any(Number) as number,
        machine: { node: process.version },
        peers: { hare: '1.0.0' },
      },
    ]);
    const [{ figures }] = kept as [{ figures: readonly object[] }];
    expect(figures[0]).toMatchObject({ ok: name === 'meets', samples: { ours: [9, 9], peer: [10, 10] } });
  });

  it('one that broke is not kept', async () => {
    const { code, stderr, kept } = await save('throws');
    expect(code).toBe(1);
    expect(stderr).toContain('not kept: it did not come to its end');
    expect(kept).toEqual([]);
  });
});

describe('an interrupted benchmark', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'exits 130 on %s once it is cleaned up, also when it gets two',
    async (signal) => {
      const child = start('goesOn', '--json');
      const finished = finish(child);
      await firstRound(child);
      child.kill(signal);
      child.kill('SIGINT');
      const { code, lines, stderr } = await finished;
      expect(code).toBe(130);
      expect(eventOf(lines.at(-1))).toMatchObject({ type: 'result', ok: false, error: { code: 'BENCH_INTERRUPTED' } });
      expect(stderr).toContain('cleaned up');
    },
  );

  it('is cleaned up also when it was its reader that went away', async () => {
    const child = start('meets', '--json');
    const stderr = text(child.stderr);
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await stderr).toContain('cleaned up');
  });
});

describe('wrong usage', () => {
  it.each([
    [[], 'which benchmark?'],
    [['nosuch'], 'there is no benchmark "nosuch"'],
    [['meets', 'misses'], 'one benchmark at a time'],
    [['meets', '--fast'], "Unknown option '--fast'"],
  ])('%j exits 2 with the names of all benchmarks, and prints no result', async (args, problem) => {
    const { code, stdout, stderr } = await finish(start(...args, '--json'));
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(problem);
    expect(stderr).toContain('  meets             what becomes of one that meets\n');
    expect(stderr).toContain('  ignoresItsSignal  what');
  });
});
