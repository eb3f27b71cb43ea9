import { isRecord } from '../plan/merge.ts';
import type { Problem } from './problem.ts';

/** What each service says against itself, whatever runs it; paths start at the name of a service. */
export function strategyProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...services].flatMap(([name, service]) => {
    if (!isRecord(service)) return [];
    const { strategy, overlap, route, canary, jobTimeoutMs } = service;
    const isWorker = strategy === 'worker';
    const isJob = strategy === 'job';
    return [
      ...problem(isWorker && route !== undefined, [name, 'route'], 'expected only where the strategy is not "worker"'),
      ...problem(isJob && route !== undefined, [name, 'route'], 'expected only where the strategy is not "job"'),
      ...problem(
        !isJob && jobTimeoutMs !== undefined,
        [name, 'jobTimeoutMs'],
        'expected only where the strategy is "job"',
      ),
      ...problem(!isWorker && overlap !== undefined, [name, 'overlap'], 'expected only where the strategy is "worker"'),
      ...problem(
        strategy !== undefined && strategy !== 'blue-green' && canary !== undefined,
        [name, 'canary'],
        'expected only where the strategy is "blue-green"',
      ),
    ];
  });
}

const containersOnly = 'expected only where the runtime is "docker"';

/** What only containers have, in an environment without. */
export function embeddedProblems(environment: unknown, services: ReadonlyMap<string, unknown>): Problem[] {
  if (!isRecord(environment)) return [];
  const proxy = isRecord(environment.proxy) ? environment.proxy : {};
  return [
    ...['images', 'network'].flatMap((key) => problem(environment[key] !== undefined, [key], containersOnly)),
    ...['tls', 'maintenancePage', 'image', 'workerUser', 'closingMs'].flatMap((key) =>
      problem(proxy[key] !== undefined, ['proxy', key], containersOnly),
    ),
    ...[...services].flatMap(([name, service]) => {
      const health = isRecord(service) && isRecord(service.health) ? service.health : {};
      const inContainers = health.kind === 'command' || health.kind === 'image';
      return problem(
        inContainers,
        ['services', name, 'health', 'kind'],
        'expected "http" or "tcp" in an embedded environment',
      );
    }),
  ];
}

function problem(found: boolean, path: Problem['path'], message: string): Problem[] {
  return found ? [{ path, message }] : [];
}
