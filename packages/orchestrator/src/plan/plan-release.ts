import { endingFirst, type Limits, liveSlot, type Move, type Observed, planMoves } from '@maestro/bluegreen';
import { dependencyWaves } from '@maestro/registry';

import { isUnbuilt, type ServiceDefinition } from '../release/release-definition.ts';
import { contentHash } from './content-hash.ts';
import type { Plan, PlannedService } from './plan.ts';
import { planSteps } from './plan-steps.ts';

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
  /** Whether new images are judged before anything is started from them. */
  readonly judged: boolean;
  /** Whether the router must load its configuration anew; it then closes idle connections. */
  readonly reloads: boolean;
  readonly trial: Trial;
}

/** How a new version is tried out on the way to all of the traffic. */
export interface Trial {
  /** Shares in percent that it gets first, one after the other; none for all at once. */
  readonly canarySteps: readonly number[];
  /** For each of them. */
  readonly canaryStepMs: number;
  /** How long the version before stays warm after the switch; 0 for not at all. */
  readonly bakeMs: number;
  /** What it may do worse; what is not named is left to the defaults. */
  readonly limits: Partial<Limits>;
}

export const noTrial: Trial = { canarySteps: [], canaryStepMs: 0, bakeMs: 0, limits: {} };

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
    wanted: services.map(({ name, digest, configHash, strategy }) => ({ service: name, digest, configHash, strategy })),
    instances: observed.instances,
    generation: observed.generation,
    unwanted,
  });
  const waves = startWaves(services, moves, observed);
  const hash = contentHash({
    environment,
    kind,
    generation: observed.generation?.number ?? null,
    services: services.map(({ name, digest, configHash, route }) => ({ name, digest, configHash, route })),
    moves: moves.map(({ kind: move, service, slot }) => ({ move, service, slot })),
    pendingMigrations,
  });
  const steps = planSteps(input, moves, waves);
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
  const away = new Set(endingFirst(moves).map(({ service }) => service));
  return dependencyWaves(
    services
      .filter(({ name }) => moved.has(name))
      .map(({ name, dependsOn }) => ({
        name,
        dependsOn: dependsOn.filter((other) => liveSlot(generation, other) === undefined || away.has(other)),
      })),
  );
}

function plannedServices({ services, waitingMigrations }: PlanReleaseInput, moves: readonly Move[]): PlannedService[] {
  return services.map(({ name, image, digest }) => {
    const move = moves.find(({ service }) => service === name);
    const change = move === undefined || move.kind === 'keep' ? 'keep' : 'start';
    const waiting = waitingMigrations[name] ?? [];
    const known = isUnbuilt(digest) ? null : digest;
    return { name, image, digest: known, change, reason: move?.reason ?? 'unchanged', waitingMigrations: waiting };
  });
}
