import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { code, renderPage, table } from './markdown-page.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

interface MetricsModule {
  readonly observeMetrics: (parts: unknown) => Promise<readonly Metric[]>;
}

/** Every metric that `maestro metrics` prints, with its labels. */
export async function metricsPage(root: string): Promise<string> {
  const file = join(root, 'packages', 'orchestrator', 'src', 'operations', 'metrics.ts');
  const { observeMetrics } = (await import(pathToFileURL(file).href)) as MetricsModule;
  const metrics = await observeMetrics(everythingAtOnce);
  return renderPage({
    title: 'Metrics',
    from: 'what `maestro metrics` observes, packages/orchestrator/src/operations/metrics.ts',
    body: [
      '`maestro metrics -e <environment>` prints these in the text format of Prometheus; `--out <file>` writes them at one instant for the ' +
        'textfile collector of node_exporter. A metric without a value is left out: before the first release there is no last one.',
      table(
        ['metric', 'type', 'is', 'labels'],
        metrics.map(({ name, type, help, samples }) => [code(name), type, help, labelsOf(samples)]),
      ),
      '`role` is `live`, `canary` or `idle`; `outcome` one of `deployed`, `rolled-back`, `refused`, `restored`, `aborted`.',
    ],
  });
}

function labelsOf(samples: Metric['samples']): string {
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].map(code).join(', ');
}

const time = '2026-01-01T00:00:00.000Z';
const instance = { release: 'r', image: 'i', digest: 'd', state: 'running', restarts: 0, healthy: true, since: time };

/** An environment in which every metric has a value: deployed to, in a canary, and locked. */
const everythingAtOnce = {
  environment: { name: 'production', services: [] },
  clock: { now: () => Date.parse(time) },
  history: {
    list: () => [{ id: 'r', kind: 'deploy', outcome: 'deployed', at: time, durationMs: 1, switchMs: 1 }],
  },
  lock: { look: () => ({ state: 'held', since: time }) },
  journals: { unfinished: () => null },
  blueGreen: () => ({
    status: () => ({
      generation: { number: 1, release: 'r', canary: { percent: 10, services: ['api'] } },
      services: [{ service: 'api', live: { ...instance, slot: 'blue' }, idle: { ...instance, slot: 'green' } }],
      drift: [],
    }),
  }),
};
