import { RegistryError, unknownService } from '../errors.ts';

/** What ordering needs to know about a service. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Groups of services that can start in parallel, in the order in which the groups must start.
 * Each service is in the earliest group possible; dependencies on services that are not given are taken as running.
 * Throws `REGISTRY_INVALID` when services depend on one another in a circle.
 */
export function dependencyWaves(services: readonly Dependent[]): string[][] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const waveOf = new Map<string, number>();
  const place = ({ name, dependsOn }: Dependent): number => {
    const known = waveOf.get(name);
    if (known === underway) throw circular(services);
    if (known !== undefined) return known;
    waveOf.set(name, underway);
    const before = dependsOn.map((dependency) => byName.get(dependency)).filter((other) => other !== undefined);
    const wave = before.reduce((latest, other) => Math.max(latest, place(other) + 1), 0);
    waveOf.set(name, wave);
    return wave;
  };
  const waves: string[][] = [];
  for (const service of services) (waves[place(service)] ??= []).push(service.name);
  return waves;
}

/** In place of its wave while those before a service are looked for. */
const underway = -1;

/** The services, each after everything it depends on. */
export function inDependencyOrder<Service extends Dependent>(services: readonly Service[]): Service[] {
  const position = new Map(
    dependencyWaves(services)
      .flat()
      .map((name, index) => [name, index]),
  );
  const positionOf = ({ name }: Service) => position.get(name) ?? 0;
  return [...services].sort((a, b) => positionOf(a) - positionOf(b));
}

/**
 * The named services, each once and after everything it depends on, also through services that are not named; all
 * services where `names` is undefined. Throws `REGISTRY_UNKNOWN_SERVICE`.
 */
export function selectServices<Service extends Dependent>(
  services: readonly Service[],
  names?: readonly string[],
): Service[] {
  const known = services.map(({ name }) => name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownService(unknown, known);
  return inDependencyOrder(services).filter(({ name }) => names?.includes(name) ?? true);
}

/** Every circle of dependencies, as the names along it with the first one repeated at the end. */
export function dependencyCycles(services: readonly Dependent[]): string[][] {
  const dependsOn = new Map(services.map((service) => [service.name, service.dependsOn]));
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const visit = (name: string, trail: readonly string[]) => {
    const start = trail.indexOf(name);
    if (start !== -1) cycles.push([...trail.slice(start), name]);
    if (start !== -1 || finished.has(name)) return;
    for (const dependency of dependsOn.get(name) ?? []) visit(dependency, [...trail, name]);
    finished.add(name);
  };
  for (const { name } of services) visit(name, []);
  return cycles;
}

/** `a -> b -> a` */
export function formatCycle(cycle: readonly string[]): string {
  return cycle.join(' -> ');
}

function circular(services: readonly Dependent[]): RegistryError {
  const cycles = dependencyCycles(services).map(formatCycle);
  return new RegistryError('REGISTRY_INVALID', `services depend on one another: ${cycles.join('; ')}`, {
    hint: 'take one of these names out of a `dependsOn`',
    details: { cycles },
  });
}
