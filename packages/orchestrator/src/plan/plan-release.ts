import { endingFirst, type Limits, liveSlot, type Move, type Observed, planMoves } from '@maestro/bluegreen';
import { dependencyWaves } from '@maestro/registry';

import type { GateDefinition, HookDefinition } from '../release/call-definition.ts';
import { isUnbuilt, type ServiceDefinition } from '../release/release-definition.ts';
import { configurationChange } from './configuration-change.ts';
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
  /** The services of the release that is live, to say what has changed of them; nothing by default. */
  readonly before?: readonly ServiceDefinition[] | undefined;
  /** Migrations to apply, by service; a rollback applies none. */
  readonly pendingMigrations: Readonly<Record<string, readonly string[]>>;
  /** Migrations that the new version has and this release does not apply, by service. */
  readonly waitingMigrations: Readonly<Record<string, readonly string[]>>;
  /** Whether new images are judged before anything is started from them. */
  readonly judged: boolean;
  /** Whether the router must load its configuration anew; it then closes idle connections. */
  readonly reloads: boolean;
  readonly trial: Trial;
  /** Nothing by default. */
  readonly calls?: ReleaseCalls | undefined;
  /** Whether it was begun already: even where nothing is left to start, it is yet to be switched to and recorded. */
  readonly resumed?: boolean | undefined;
}

/** What a release calls besides its own work. */
export interface ReleaseCalls {
  readonly gates: readonly GateDefinition[];
  readonly hooks: readonly HookDefinition[];
  /** Names of the services that it runs to their end. */
  readonly jobs: readonly string[];
}

export const noCalls: ReleaseCalls = { gates: [], hooks: [], jobs: [] };

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
  const { environment, kind, services, unwanted, observed, pendingMigrations, calls = noCalls } = input;
  const moves = planMoves({
    // Jobs have no instance that stays.
    wanted: services.flatMap(({ name: service, digest, configHash, strategy }) =>
      strategy.kind === 'job' ? [] : [{ service, digest, configHash, strategy }],
    ),
    instances: observed.instances,
    generation: observed.generation,
    unwanted,
  }).map((move) => explained(move, input));
  const waves = startWaves(services, moves, { observed, jobs: calls.jobs });
  const hash = contentHash({
    environment,
    kind,
    generation: observed.generation?.number ?? null,
    services: services.map(({ name, digest, configHash, route }) => ({ name, digest, configHash, route })),
    moves: moves.map(({ kind: move, service, slot }) => ({ move, service, slot })),
    pendingMigrations,
    ...writtenCalls(calls),
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
  { observed: { generation }, jobs }: { readonly observed: Observed; readonly jobs: readonly string[] },
): readonly (readonly string[])[] {
  const started = moves.filter(({ kind }) => kind === 'start' || kind === 'reuse').map(({ service }) => service);
  const moved = new Set([...started, ...jobs]);
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

/** Those of the registry: functions of a script are not known to whoever plans without it. */
function writtenCalls({ gates, hooks, jobs }: ReleaseCalls): Partial<ReleaseCalls> {
  const written = {
    gates: gates.filter(({ kind }) => kind !== 'function'),
    hooks: hooks.filter(({ kind }) => kind !== 'function'),
    jobs,
  };
  return Object.fromEntries(Object.entries(written).filter(([, calls]) => calls.length > 0));
}

function plannedServices(
  { services, waitingMigrations, calls = noCalls }: PlanReleaseInput,
  moves: readonly Move[],
): PlannedService[] {
  return services.map(({ name, image, digest }) => {
    const move = moves.find(({ service }) => service === name);
    const runs = calls.jobs.includes(name);
    const change = runs ? 'run' : move === undefined || move.kind === 'keep' ? 'keep' : 'start';
    const reason = runs ? 'runs once in each release' : (move?.reason ?? 'unchanged');
    const waiting = waitingMigrations[name] ?? [];
    const known = isUnbuilt(digest) ? null : digest;
    return { name, image, digest: known, change, reason, waitingMigrations: waiting };
  });
}

/** Says what is started otherwise, where the same image runs as the release that is live has it. */
function explained(move: Move, { services, before = [], observed }: PlanReleaseInput): Move {
  const now = services.find(({ name }) => name === move.service);
  const then = before.find(({ name }) => name === move.service);
  if (now === undefined || then === undefined) return move;
  const runs = observed.instances.some(({ service, state, digest, configHash }) => {
    return service === now.name && state === 'running' && digest === now.digest && configHash === then.configHash;
  });
  const reason = runs ? configurationChange(then, now) : undefined;
  return reason === undefined ? move : { ...move, reason };
}
