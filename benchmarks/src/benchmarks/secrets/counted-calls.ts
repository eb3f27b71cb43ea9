import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';
import type { InstalledProjects, Project, Service } from './projects.ts';

/** How often the service is asked for a hundred secrets; a process each, so that no cache helps. */
export async function countedCalls(
  { ours, powertools, cache }: InstalledProjects,
  service: Service,
  context: Context,
): Promise<void> {
  const calls = (project: Project, reader: string) => async () => {
    const before = service.calls();
    const count = await project.node('readers/fetch.mjs', reader, service.endpoint, String(service.names.length));
    if (Number(count) !== service.names.length) throw incomplete(project.name, count);
    return service.calls() - before;
  };
  for (const [project, reader] of [
    [powertools, 'powertools'],
    [cache, 'cache'],
  ] as const) {
    await context.pair({
      name: `calls for ${service.names.length} secrets, beside ${project.name}`,
      unit: 'calls',
      rounds: 2,
      warmUp: false,
      ours: calls(ours, 'maestro'),
      peer: { name: project.name, measure: calls(project, reader) },
      bar: { of: 'ratio', atMost: 0.2 },
    });
  }
}

function incomplete(reader: string, count: string): BenchmarkError {
  return new BenchmarkError('BENCH_WRONG_RESULT', `${reader} read ${count.trim()} of the secrets as they are`, {
    hint: 'find out why before counting calls',
  });
}
