import { expect, it } from 'vitest';

import { recordedFigure } from '../measure/figure.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { sampleMachine } from '../testing/sample-machine.ts';
import { faultsOfRun } from './faults-of-runs.ts';

const counted = (name: string, count: number) => ({
  ...recordedFigure({ name, unit: 'requests', samples: [count], statistic: 'sum' }),
  samples: null,
});

function run(benchmark: string, figures: StoredRun['figures']): StoredRun {
  const at = '2026-01-01T00:00:00.000Z';
  return { benchmark, at, durationMs: null, quick: false, machine: sampleMachine, peers: {}, figures };
}

it('takes the number of switches from the figure that names it, and failures of every kind', () => {
  const figures = [
    counted('1000 switches', 0.2),
    counted('1000 switches, p99', 0.7),
    counted('switching: requests', 190_429),
    counted('switching: failed', 2),
    counted('switching: turned away', 1),
  ];
  expect(faultsOfRun(run('switch', figures))?.tests[0]?.faults).toEqual([
    {
      promised: 'no request is dropped',
      fault: 'switches of nginx',
      times: 1_000,
      checked: { requests: 190_429 },
      wrong: { 'failed requests': 3 },
    },
  ]);
});

it('takes it from the samples where the name has none', () => {
  const switches = { ...counted('switch', 0.2), samples: { ours: [1, 2, 3], peer: null } };
  const figures = [switches, counted('requests meanwhile', 50), counted('failed requests', 0)];
  expect(faultsOfRun(run('embedded-proxy', figures))?.tests[0]?.faults).toMatchObject([{ times: 3 }]);
  const without = figures.map((figure) => ({ ...figure, samples: null }));
  expect(faultsOfRun(run('embedded-proxy', without))).toBeUndefined();
  expect(faultsOfRun(run('secrets', figures))).toBeUndefined();
});
