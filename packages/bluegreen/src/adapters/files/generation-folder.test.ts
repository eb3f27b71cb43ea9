import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '@maestro/core/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Routing } from '../../plan/generation.ts';
import type { Slot } from '../../slots.ts';
import { GenerationFolder } from './generation-folder.ts';

let temporary = '';
let folders = 0;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'maestro-generations-'));
});
afterAll(() => rm(temporary, { recursive: true }));

async function open() {
  folders += 1;
  const folder = join(temporary, String(folders));
  await mkdir(folder);
  const instance = () => new GenerationFolder({ folder, clock: new ManualClock() });
  return { folder, generations: instance(), another: instance };
}

const slots = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/), fc.constantFrom<Slot>('blue', 'green'));
const attempt = fc.record({
  slots,
  // A switch may be planned from what is live, from something older, or lose its lock.
  from: fc.constantFrom('live', 'live', 'live', 'none', 'older'),
  fenced: fc.boolean(),
});

it('is, after any sequence of switches, what the last one that was allowed made it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { maxLength: 12 }), async (attempts) => {
      const { generations, another } = await open();
      let live: { number: number; slots: Readonly<Record<string, Slot>> } | null = null;
      let highest = 0;
      for (const { slots: wanted, from, fenced } of attempts) {
        const number: number | null = live?.number ?? null;
        const expected = from === 'live' ? number : from === 'none' ? null : highest - 1;
        const fence = () => {
          if (fenced) throw new Error('fenced');
        };
        const switching = generations.switchTo({ release: 'r', slots: wanted, expected, fence });
        if (fenced) await expect(switching).rejects.toThrow('fenced');
        else if (expected !== number)
          await expect(switching).rejects.toMatchObject({ code: 'BLUEGREEN_GENERATION_MOVED' });
        else {
          const { generation } = await switching;
          expect(generation.number).toBeGreaterThan(highest);
          highest = generation.number;
          live = { number: highest, slots: wanted };
        }
        const seen = another().live();
        expect(seen === null ? null : { number: seen.number, slots: seen.slots }).toEqual(live);
      }
    }),
    { numRuns: 40 },
  );
});

it('gives each of many switchers its own number, and lets one of those from the same generation win', async () => {
  const { another } = await open();
  let expected: number | null = null;
  for (let round = 0; round < 5; round += 1) {
    const from: number | null = expected;
    const switches: PromiseSettledResult<number>[] = await Promise.allSettled(
      Array.from({ length: 10 }, async () => {
        const switched = await another().switchTo({ release: 'r', slots: { api: 'blue' }, expected: from });
        return switched.generation.number;
      }),
    );
    const won = switches.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(won).toHaveLength(1);
    expected = won[0] ?? null;
    expect(another().live()?.number).toBe(expected);
  }
});

it('asks the fence right before the rename, when everything is prepared', async () => {
  const { folder, generations } = await open();
  let prepared: string[] = [];
  const fence = () => {
    prepared = generations.read('generations/1').release.split(' ');
    expect(generations.live()).toBeNull();
  };
  await generations.switchTo({ release: 'the release', slots: { api: 'blue' }, expected: null, fence });
  expect(prepared).toEqual(['the', 'release']);
  expect(await readdir(join(folder, 'generations/1'))).toEqual(['api.blue', 'generation.json']);
});

it('marks canaries, and what a router asks for beside the marks', async () => {
  const { folder } = await open();
  const routerMarks = (routing: Routing) => Object.keys(routing.slots).map((service) => `.live-${service}`);
  const generations = new GenerationFolder({ folder, clock: new ManualClock(), routerMarks });
  const request = { release: 'r', slots: { api: 'green', web: 'blue' } as const, expected: null };
  const { generation } = await generations.switchTo({ ...request, canaryPercents: { web: 10 } });
  expect((await readdir(join(folder, 'generations/1'))).toSorted()).toEqual([
    '.live-api',
    '.live-web',
    'api.green',
    'generation.json',
    'web.blue',
    'web.canary-10',
  ]);
  expect(generations.live()).toEqual(generation);
  expect(generation).toMatchObject({ slots: { api: 'green', web: 'blue' }, canaryPercents: { web: 10 } });
});

it('can be tested, but not listed, by a proxy of another user', async () => {
  const { folder, generations } = await open();
  await generations.switchTo({ release: 'r', slots: { api: 'blue' }, expected: null });
  for (const path of ['generations', 'generations/1']) {
    expect((await stat(join(folder, path))).mode & 0o777).toBe(0o711);
  }
});

it('keeps the last 20 generations', async () => {
  const { folder, generations } = await open();
  for (let number = 1; number <= 25; number += 1) {
    await generations.switchTo({ release: 'r', slots: { api: 'blue' }, expected: number === 1 ? null : number - 1 });
  }
  const left = (await readdir(join(folder, 'generations'))).map(Number).sort((a, b) => a - b);
  expect(left).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
});

it('switches although an unknown file lies among the generations', async () => {
  const { folder, generations } = await open();
  await mkdir(join(folder, 'generations'));
  await writeFile(join(folder, 'generations', 'notes.txt'), 'of an operator');
  expect((await generations.switchTo({ release: 'r', slots: {}, expected: null })).generation.number).toBe(1);
});

it('goes on after a number that a switcher took before it died', async () => {
  const { folder, generations } = await open();
  await mkdir(join(folder, 'generations', '1'), { recursive: true });
  const { generation } = await generations.switchTo({ release: 'r', slots: { api: 'blue' }, expected: null });
  expect(generation.number).toBe(2);
});

it.each([
  ['a description that is no JSON', 'generation.json', '{'],
  ['a description without a number', 'generation.json', '{"release":"r","at":"now"}'],
  ['a second mark for a service', 'api.green', ''],
  ['a name that is no mark', 'api.red', ''],
  ['a canary of nothing', 'web.canary-5', ''],
])('says that a generation with %s cannot be read, and where', async (_, file, contents) => {
  const { folder, generations } = await open();
  await generations.switchTo({ release: 'r', slots: { api: 'blue' }, expected: null });
  await writeFile(join(folder, 'generations', '1', file), contents);
  expect(() => generations.live()).toThrow(
    expect.objectContaining({
      code: 'BLUEGREEN_GENERATION_UNREADABLE',
      message: expect.stringContaining(join(folder, 'generations/1')) as string,
      hint: expect.stringContaining(join(folder, 'live')) as string,
    }),
  );
});

it('says so, too, when live is no link or leads nowhere', async () => {
  const { folder, generations } = await open();
  const unreadable = expect.objectContaining({ code: 'BLUEGREEN_GENERATION_UNREADABLE' }) as Error;
  await mkdir(join(folder, 'live'));
  expect(() => generations.live()).toThrow(unreadable);
  await rm(join(folder, 'live'), { recursive: true });
  await symlink('generations/9', join(folder, 'live'));
  expect(() => generations.live()).toThrow(unreadable);
  await unlink(join(folder, 'live'));
  expect(generations.live()).toBeNull();
});

it('writes down which release made a generation, and when', async () => {
  const { folder, generations } = await open();
  await generations.switchTo({ release: '01ABC', slots: { api: 'green' }, expected: null });
  expect(JSON.parse(await readFile(join(folder, 'generations/1/generation.json'), 'utf8'))).toEqual({
    number: 1,
    release: '01ABC',
    at: '2026-01-01T00:00:00.000Z',
  });
});
