import type { FaultRecord } from '@maestro/services/faults';

import type { StoredRun } from '../results/stored-run.ts';
import type { FaultResults } from './fault-results.ts';

interface Loaded {
  readonly fault: string;
  /** The figure whose name begins with how often it was done, or, where it has no number, whose samples are as many. */
  readonly done: RegExp;
  readonly requests: string;
  readonly failed: readonly string[];
}

/** The benchmarks that send requests while they do what must cost nobody one, and the names of their figures. */
const loads: Readonly<Record<string, readonly Loaded[]>> = {
  'embedded-proxy': [
    {
      fault: 'switches of the embedded proxy',
      done: /^switch$/,
      requests: 'requests meanwhile',
      failed: ['failed requests'],
    },
  ],
  switch: [
    {
      fault: 'switches of nginx',
      done: /^(?<count>\d+) switches$/,
      requests: 'switching: requests',
      failed: ['switching: failed', 'switching: turned away'],
    },
    {
      fault: 'services of nginx come and go, and certificates are renewed',
      done: /^(?<count>\d+) changes of the topology$/,
      requests: 'changing the topology: requests',
      failed: ['changing the topology: failed'],
    },
  ],
};

/** What a run of a benchmark has counted of requests, as tests of faults record it; undefined where it counts none. */
export function faultsOfRun(run: StoredRun): FaultResults | undefined {
  const faults = (loads[run.benchmark] ?? []).flatMap((load) => recordOf(run, load) ?? []);
  if (faults.length === 0) return undefined;
  const { benchmark, machine, at } = run;
  return {
    file: `benchmarks/results/${benchmark}.json`,
    machine,
    at,
    tests: [{ name: benchmark, passed: true, faults }],
  };
}

function recordOf({ figures }: StoredRun, { fault, done, requests, failed }: Loaded): FaultRecord | undefined {
  const valueOf = (name: string) => figures.find((figure) => figure.name === name)?.value;
  const figure = figures.find(({ name }) => done.test(name));
  const times = Number(done.exec(figure?.name ?? '')?.groups?.count ?? figure?.samples?.ours.length);
  const sent = valueOf(requests);
  if (sent === undefined || Number.isNaN(times)) return undefined;
  const wrong = failed.reduce((sum, name) => sum + (valueOf(name) ?? 0), 0);
  return {
    promised: 'no request is dropped',
    fault,
    times,
    checked: { requests: sent },
    wrong: { 'failed requests': wrong },
  };
}
