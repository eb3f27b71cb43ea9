import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { loadRegistry, resolveEnvironment } from '@maestro/registry';

import type { Context } from '../../benchmark.ts';
import { sumOf } from './processor-time.ts';
import { requireCount } from './require-count.ts';
import { environmentName, type Language, sampleRegistry, writeRegistry } from './sample-registry.ts';

const most = 500;

/** Processor time for 500 services: in one registry, beside as many in registries of 50, and of 10. */
export async function growth(below: string, { pair, quick }: Context): Promise<void> {
  const folder = join(below, 'growth');
  await mkdir(folder);
  for (const language of ['json', 'yaml'] as const) {
    const time = await timeFor(folder, language);
    for (const services of [50, 10]) {
      await pair({
        name: `500 services, ${language}, beside ${most / services} times ${services}`,
        unit: 'ms',
        rounds: quick ? 4 : 20,
        ours: () => time(most),
        peer: { name: `${services} services`, measure: () => time(services) },
        bar: { of: 'ratio', atMost: 1.2 },
      });
    }
  }
}

/** Measures the loading, checking and resolving of 500 services, so many in each registry. */
async function timeFor(folder: string, language: Language): Promise<(services: number) => Promise<number>> {
  const files = new Map<number, string>();
  for (const services of [10, 50, most]) {
    files.set(services, await writeRegistry(sampleRegistry(services), folder, language));
  }
  return async (services) => {
    const config = files.get(services);
    const before = process.cpuUsage();
    let found = 0;
    for (let time = 0; time < most / services; time += 1) {
      found += resolveEnvironment(await loadRegistry({ config }), environmentName).services.length;
    }
    const usage = process.cpuUsage(before);
    requireCount(found, most);
    return sumOf(usage);
  };
}
