import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { recordedFigure } from '../measure/figure.ts';
import { sampleMachine } from '../testing/sample-machine.ts';
import { resultsText } from './results-text.ts';
import { readStoredRun, storedRun, storeRun } from './stored-run.ts';

const machine = {
  ...sampleMachine,
  type: 'machine',
  benchmark: 'pace',
  quick: false,
  peers: { hare: '1.0.0' },
} as const;
const samples = { ours: [1.25, 2], peer: null };
const figures = [recordedFigure({ name: 'pace', unit: 'ms', samples: samples.ours, statistic: 'median' })];
const outcome = {
  result: { type: 'result', ok: false, figures },
  samples: [samples],
  machine,
  at: '2026-01-01T00:00:00.000Z',
  durationMs: 1_234.56,
} as const;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-results-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('a run', () => {
  it('is kept with its samples, whether it meets its bars or not, and read as it was', async () => {
    const folder = await temporaryFolder();
    const run = storedRun(outcome);
    expect(run).toMatchObject({
      benchmark: 'pace',
      durationMs: 1_235,
      quick: false,
      machine: { cpu: 'Xeon', load: 0.2 },
      figures: [{ name: 'pace', value: 1.625, samples }],
    });
    if (run === undefined) return;
    expect(await storeRun(join(folder, 'results'), run)).toBe(join(folder, 'results', 'pace.json'));
    expect(await readStoredRun(join(folder, 'results'), 'pace')).toEqual(run);
    expect(await readStoredRun(folder, 'pace')).toBeUndefined();
  });

  it('is kept as quick where it was', () => {
    expect(storedRun({ ...outcome, machine: { ...machine, quick: true } })).toMatchObject({ quick: true });
  });

  it('is not kept when it broke, or before anything was known of it', () => {
    const error = { code: 'BENCH_TIMEOUT', message: 'time is up', hint: null };
    expect(storedRun({ ...outcome, result: { ...outcome.result, error } })).toBeUndefined();
    expect(storedRun({ ...outcome, machine: undefined })).toBeUndefined();
  });
});

describe('the text of results', () => {
  it('has a list of numbers on one line, and is the same numbers to five digits', () => {
    const numbers = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (list) => {
        const text = resultsText({ list });
        expect(text.split('\n')).toHaveLength(4);
        const read = (JSON.parse(text) as { list: number[] }).list;
        expect(read).toHaveLength(list.length);
        for (const [index, number] of list.entries()) {
          expect(Math.abs((read[index] ?? NaN) - number)).toBeLessThanOrEqual(Math.abs(number) * 1e-4);
        }
      }),
    );
  });

  it('leaves text as it is', () => {
    const value = { text: '[ 1,\n 2 ]', empty: [], list: ['a'] };
    expect(JSON.parse(resultsText(value))).toEqual(value);
  });
});
