import { leaving, liveSlot, type Move, type Observed, planMoves } from '@maestro/bluegreen';
import { dependencyWaves } from '@maestro/registry';

import type { ServiceDefinition } from '../release/release-definition.ts';
import { contentHash } from './content-hash.ts';
import type { Plan, PlannedService, PlanStep } from './plan.ts';

export interface PlanReleaseInput {
  readonly environment: string;
  readonly kind: 'deploy' | 'rollback';
  /** All services as they are to be. */
  readonly services: readonly ServiceDefinition[];
  /** Services to take away. */
  readonly unwanted: readonly string[];
  readonly observed: Observed;
  /** The services that are live, with the routes they have now. */
  readonly live: readonly Pick<ServiceDefinition, 'name' | 'route'>[];
  /** Migrations to apply, by service; a rollback applies none. */
  readonly pendingMigrations: Readonly<Record<string, readonly string[]>>;
  /** Migrations that the new version has and this release does not apply, by service. */
  readonly waitingMigrations: Readonly<Record<string, readonly string[]>>;
}

/** A plan with what its steps are made from. */
export interface ReleasePlan extends Plan {
  readonly moves: readonly Move[];
  /** The services to start and probe, in groups: those of a group side by side, one group after the other. */
  readonly waves: readonly (readonly string[])[];
}

/** Computes the steps from what is observed to what is wanted, in the order in which they run. */
export function planRelease(input: PlanReleaseInput): ReleasePlan {
  const { environment, kind, services, unwanted, observed, pendingMigrations } = input;
  const moves = planMoves({
    wanted: services.map(({ name, digest, configHash }) => ({ service: name, digest, configHash })),
    instances: observed.instances,
    generation: observed.generation,
    unwanted,
  });
  const waves = startWaves(services, moves, observed);
  const steps = stepsOf(input, moves, waves);
  const hash = contentHash({
    environment,
    kind,
    generation: observed.generation?.number ?? null,
    services: services.map(({ name, digest, configHash, route }) => ({ name, digest, configHash, route })),
    moves: moves.map(({ kind: move, service, slot }) => ({ move, service, slot })),
    pendingMigrations,
  });
  return { environment, hash, steps, services: plannedServices(input, moves), moves, waves };
}

/**
 * A dependency that is live need not be waited for: until the switch the proxy leads to its live instance, whether or not
 * a new one has started. So the order matters to a first deployment, and everything starts side by side afterwards.
 */
function startWaves(
  services: readonly ServiceDefinition[],
  moves: readonly Move[],
  { generation }: Observed,
): readonly (readonly string[])[] {
  const moved = new Set(moves.filter(({ kind }) => kind === 'start' || kind === 'reuse').map(({ service }) => service));
  return dependencyWaves(
    services
      .filter(({ name }) => moved.has(name))
      .map(({ name, dependsOn }) => ({
        name,
        dependsOn: dependsOn.filter((other) => liveSlot(generation, other) === undefined),
      })),
  );
}

function stepsOf(
  { kind, services, observed, live, pendingMigrations }: PlanReleaseInput,
  moves: readonly Move[],
  waves: readonly (readonly string[])[],
): PlanStep[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const moved = moves.filter((move) => move.kind === 'start' || move.kind === 'reuse');
  const removed = moves.filter((move) => move.kind === 'remove');
  const rerouted = reroutedServices(services, live);
  if (moved.length + removed.length + rerouted.length === 0) return [];

  const starting = moved.flatMap((move) => {
    const service = byName.get(move.service);
    return service === undefined ? [] : [{ move, service }];
  });
  const steps: PlanStep[] = [];
  const add = (step: Omit<PlanStep, 'irreversible'>) => steps.push({ ...step, irreversible: false });

  for (const { move, service } of starting) {
    if (kind === 'rollback' || move.kind === 'reuse') continue;
    add({
      id: `image:${service.name}`,
      kind: 'image',
      service: service.name,
      summary: `image ${service.image} (${move.reason})`,
    });
  }
  const needing = starting.filter(({ move, service }) => move.kind === 'start' && hasSecrets(service));
  if (needing.length > 0) {
    const names = [...new Set(needing.flatMap(({ service }) => service.secrets))].sort();
    add({ id: 'secrets', kind: 'secrets', summary: `prepare secrets: ${names.join(', ')}` });
  }
  for (const { service } of starting) {
    const pending = pendingMigrations[service.name] ?? [];
    if (pending.length === 0) continue;
    add({
      id: `migrate:${service.name}`,
      kind: 'migrate',
      service: service.name,
      summary: `migrate the database of ${service.name}: ${pending.join(', ')}`,
    });
  }
  for (const wave of waves) {
    for (const name of wave) {
      const move = moved.find(({ service }) => service === name);
      if (move === undefined) continue;
      const replaced = move.kind === 'start' && move.replaces !== null ? ', in place of an older idle instance' : '';
      if (move.kind === 'start') {
        add({ id: `start:${name}`, kind: 'start', service: name, summary: `start ${name} in ${move.slot}${replaced}` });
      }
      add({ id: `probe:${name}`, kind: 'probe', service: name, summary: `probe ${name} in ${move.slot}` });
    }
  }
  add({ id: 'switch', kind: 'switch', summary: switchSummary(moved, removed, rerouted) });
  for (const { service, slot } of leaving(observed.generation, moves)) {
    add({ id: `drain:${service}`, kind: 'drain', service, summary: `drain ${service} in ${slot}` });
    add({ id: `stop:${service}`, kind: 'stop', service, summary: `stop ${service} in ${slot}` });
  }
  add({ id: 'record', kind: 'record', summary: 'record the release' });
  return steps;
}

function plannedServices({ services, waitingMigrations }: PlanReleaseInput, moves: readonly Move[]): PlannedService[] {
  return services.map(({ name, image, digest }) => {
    const move = moves.find(({ service }) => service === name);
    const change = move === undefined || move.kind === 'keep' ? 'keep' : 'start';
    const waiting = waitingMigrations[name] ?? [];
    return { name, image, digest, change, reason: move?.reason ?? 'unchanged', waitingMigrations: waiting };
  });
}

/** Live services whose route is to be another one; their instances may stay. */
function reroutedServices(
  services: readonly ServiceDefinition[],
  live: PlanReleaseInput['live'],
): readonly ServiceDefinition[] {
  return services.filter(({ name, route }) => {
    const now = live.find((service) => service.name === name);
    return now !== undefined && contentHash(now.route) !== contentHash(route);
  });
}

function switchSummary(
  moved: readonly Move[],
  removed: readonly Move[],
  rerouted: readonly ServiceDefinition[],
): string {
  const parts = [
    ...moved.map(({ service, slot }) => `${service} to ${slot}`),
    ...removed.map(({ service }) => `${service} away`),
    ...rerouted.map(({ name, route }) => `the route of ${name} to ${routeInWords(route)}`),
  ];
  return `switch ${parts.join(', ')}`;
}

function routeInWords(route: ServiceDefinition['route']): string {
  return route === null ? 'none' : `${route.host ?? ''}${route.path}`;
}

function hasSecrets(service: ServiceDefinition): boolean {
  return service.secrets.length > 0;
}
