import { leaving, type Move, type Observed, planMoves } from '@maestro/bluegreen';
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
  /** Migrations to apply, by service; a rollback applies none. */
  readonly pendingMigrations: Readonly<Record<string, readonly string[]>>;
}

/** A plan with what its steps are made from. */
export interface ReleasePlan extends Plan {
  readonly moves: readonly Move[];
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
  const steps = stepsOf(input, moves);
  const hash = contentHash({
    environment,
    kind,
    generation: observed.generation?.number ?? null,
    services: services.map(({ name, digest, configHash, route }) => ({ name, digest, configHash, route })),
    moves: moves.map(({ kind: move, service, slot }) => ({ move, service, slot })),
    pendingMigrations,
  });
  return { environment, hash, steps, services: plannedServices(services, moves), moves };
}

function stepsOf({ kind, services, observed, pendingMigrations }: PlanReleaseInput, moves: readonly Move[]): PlanStep[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const moved = moves.filter((move) => move.kind === 'start' || move.kind === 'reuse');
  const removed = moves.filter((move) => move.kind === 'remove');
  if (moved.length + removed.length === 0) return [];

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
    const names = [...new Set(needing.flatMap(({ service }) => Object.keys(service.secretVersions)))].sort();
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
  for (const wave of dependencyWaves(starting.map(({ service }) => service))) {
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
  add({ id: 'switch', kind: 'switch', summary: switchSummary(moved, removed) });
  for (const { service, slot } of leaving(observed.generation, moves)) {
    add({ id: `drain:${service}`, kind: 'drain', service, summary: `drain ${service} in ${slot}` });
    add({ id: `stop:${service}`, kind: 'stop', service, summary: `stop ${service} in ${slot}` });
  }
  add({ id: 'record', kind: 'record', summary: 'record the release' });
  return steps;
}

function plannedServices(services: readonly ServiceDefinition[], moves: readonly Move[]): PlannedService[] {
  return services.map(({ name, image, digest }) => {
    const move = moves.find(({ service }) => service === name);
    const change = move === undefined || move.kind === 'keep' ? 'keep' : 'start';
    return { name, image, digest, change, reason: move?.reason ?? 'unchanged' };
  });
}

function switchSummary(moved: readonly Move[], removed: readonly Move[]): string {
  const parts = [
    ...moved.map(({ service, slot }) => `${service} to ${slot}`),
    ...removed.map(({ service }) => `${service} away`),
  ];
  return `switch ${parts.join(', ')}`;
}

function hasSecrets(service: ServiceDefinition): boolean {
  return Object.keys(service.secretVersions).length > 0;
}
