import type { Context } from '../../benchmark.ts';
import type { InstalledProjects, Project, Service } from './projects.ts';

/** The 99th of a hundred reads of a secret that is in the cache already, in a process of its own. */
export async function cachedReads(
  { ours, powertools, cache }: InstalledProjects,
  { endpoint }: Service,
  context: Context,
): Promise<void> {
  const { rounds, reads } = context.quick ? { rounds: 4, reads: 50_000 } : { rounds: 10, reads: 200_000 };
  const p99 = (project: Project, reader: string) => async () =>
    Number(await project.node('readers/read-cached.mjs', reader, endpoint, String(reads)));
  for (const [project, reader] of [
    [powertools, 'powertools'],
    [cache, 'cache'],
  ] as const) {
    await context.pair({
      name: `cached read, p99, beside ${project.name}`,
      unit: 'µs',
      rounds,
      warmUp: false,
      ours: p99(ours, 'maestro'),
      peer: { name: project.name, measure: p99(project, reader) },
      bar: { of: 'value', atMost: 10 },
    });
  }
}
