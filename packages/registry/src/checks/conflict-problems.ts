import { isRecord } from '../plan/merge.ts';
import type { Problem } from './problem.ts';

interface Listener {
  readonly environment: string;
  /** Null where it is not known, and may be another one than any other environment's. */
  readonly machine: string | null;
  readonly address: string;
  readonly path: Problem['path'];
}

/** Ports of an environment that another one of the same machine has, or it itself; paths start at its name. */
export function portProblems(environments: ReadonlyMap<string, unknown>): Problem[] {
  const listeners = [...environments].flatMap(([name, environment]) => listenersOf(name, environment));
  return listeners.flatMap((listener, index) => {
    const owner = listeners.slice(0, index).find((other) => meet(listener, other));
    if (owner === undefined) return [];
    const { environment, address, path } = listener;
    const whose = owner.environment === environment ? 'proxy.port' : `"${owner.environment}" on the same machine`;
    return [{ path: [environment, ...path], message: `the same as ${whose}: ${address}, expected another port` }];
  });
}

function meet(one: Listener, other: Listener): boolean {
  const sameMachine = one.environment === other.environment || (one.machine !== null && one.machine === other.machine);
  return sameMachine && one.address === other.address;
}

function listenersOf(name: string, environment: unknown): readonly Listener[] {
  if (!isRecord(environment) || !isRecord(environment.proxy)) return [];
  const { host = '127.0.0.1', port, tls } = environment.proxy;
  const tlsPort = isRecord(tls) ? (tls.port ?? 443) : undefined;
  const machine = machineOf(environment);
  return [
    { value: port, path: ['proxy', 'port'] },
    { value: tlsPort, path: isRecord(tls) && tls.port !== undefined ? ['proxy', 'tls', 'port'] : ['proxy', 'tls'] },
  ].flatMap(({ value, path }) =>
    // 0 is any free port.
    typeof value === 'number' && value > 0
      ? [{ environment: name, machine, address: `${String(host)}:${value}`, path }]
      : [],
  );
}

/** Processes run where the registry is; containers run on the engine that it names, or on any. */
function machineOf({ runtime, images }: Readonly<Record<string, unknown>>): string | null {
  if (runtime === 'embedded') return 'this one';
  const engine = isRecord(images) ? images.engine : undefined;
  return typeof engine === 'string' ? engine : null;
}

/** Two things at one place of a container's file system; paths start at the name of a service. */
export function mountProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...services].flatMap(([name, service]) => {
    const container = isRecord(service) && isRecord(service.container) ? service.container : {};
    const volumes = Array.isArray(container.volumes) ? (container.volumes as readonly unknown[]) : [];
    const targets = volumes.map((volume) => (isRecord(volume) ? targetOf(volume.target) : undefined));
    return targets.flatMap((target, index) => {
      const message = target === undefined ? undefined : obstacle(target, targets.slice(0, index));
      return message === undefined ? [] : [{ path: [name, 'container', 'volumes', index, 'target'], message }];
    });
  });
}

const secretsTarget = '/run/secrets';

function targetOf(target: unknown): string | undefined {
  return typeof target === 'string' ? target.replace(/(?<=.)\/+$/, '') : undefined;
}

function obstacle(target: string, others: readonly (string | undefined)[]): string | undefined {
  if (target === secretsTarget) return `expected another place than ${secretsTarget}, where its secrets are`;
  return others.includes(target) ? `another mount is at ${target} already` : undefined;
}
