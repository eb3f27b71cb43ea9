import { endingFirst, judgingNeeds, leaving, type Move } from '@maestro/bluegreen';

import { isUnbuilt, type ServiceDefinition } from '../release/release-definition.ts';
import { contentHash } from './content-hash.ts';
import type { PlanStep } from './plan.ts';
import type { PlanReleaseInput, Trial } from './plan-release.ts';

interface Starting {
  readonly move: Move;
  readonly service: ServiceDefinition;
}

type Step = Omit<PlanStep, 'irreversible'>;

/** What a release does, step by step; nothing where everything is as it should be. */
export function planSteps(
  input: PlanReleaseInput,
  moves: readonly Move[],
  waves: readonly (readonly string[])[],
): PlanStep[] {
  const byName = new Map(input.services.map((service) => [service.name, service]));
  const starting = moves.flatMap((move): Starting[] => {
    const service = byName.get(move.service);
    return service !== undefined && (move.kind === 'start' || move.kind === 'reuse') ? [{ move, service }] : [];
  });
  const removed = moves.filter(({ kind }) => kind === 'remove');
  const rerouted = reroutedServices(input);
  if (starting.length + removed.length + rerouted.length === 0) return [];

  const steps = [
    ...imageSteps(input, starting),
    ...(input.reloads ? [reload] : []),
    ...secretSteps(starting),
    ...migrationSteps(input, starting),
    ...endingSteps(moves, byName),
    ...startSteps(starting, waves),
    ...canarySteps(input, moves),
    { id: 'switch', kind: 'switch', summary: switchSummary(starting, removed, rerouted) } as const,
    ...bakeSteps(input, moves),
    ...leaving(moves).flatMap(retirementSteps),
    { id: 'record', kind: 'record', summary: 'record the release' } as const,
  ];
  return steps.map((step) => ({ ...step, irreversible: false }));
}

/** Services whose version before runs beside the new one until after the switch. */
export function servicesWithBoth(moves: readonly Move[]): readonly string[] {
  return moves
    .filter(({ kind, traffic, ends }) => (kind === 'start' || kind === 'reuse') && traffic && ends?.when === 'after')
    .map(({ service }) => service);
}

const reload: Step = { id: 'reload', kind: 'reload', summary: 'nginx is reloaded, since addresses or routes change' };

function imageSteps({ kind, judged }: PlanReleaseInput, starting: readonly Starting[]): readonly Step[] {
  const fresh = kind === 'rollback' ? [] : starting.filter(({ move }) => move.kind === 'start');
  const unbuilt = fresh.filter(({ service }) => isUnbuilt(service.digest)).map(({ service }) => service.image);
  return [
    ...(unbuilt.length === 0 ? [] : [{ id: 'build', kind: 'build', summary: `build ${unbuilt.join(', ')}` } as const]),
    ...fresh.map(({ move, service: { name, image } }): Step => ({
      id: `image:${name}`,
      kind: 'image',
      service: name,
      summary: `image ${image} (${move.reason})`,
    })),
    ...(judged && fresh.length > 0
      ? [{ id: 'scan', kind: 'scan', summary: 'judge the known vulnerabilities of the images' } as const]
      : []),
  ];
}

function secretSteps(starting: readonly Starting[]): readonly Step[] {
  const needing = starting.filter(({ move }) => move.kind === 'start').flatMap(({ service }) => service.secrets);
  const names = [...new Set(needing)].sort();
  return names.length === 0
    ? []
    : [{ id: 'secrets', kind: 'secrets', summary: `prepare secrets: ${names.join(', ')}` }];
}

function migrationSteps({ pendingMigrations }: PlanReleaseInput, starting: readonly Starting[]): readonly Step[] {
  return starting.flatMap(({ service: { name } }): Step[] => {
    const pending = pendingMigrations[name] ?? [];
    if (pending.length === 0) return [];
    const summary = `migrate the database of ${name}: ${pending.join(', ')}`;
    return [{ id: `migrate:${name}`, kind: 'migrate', service: name, summary }];
  });
}

/** What cannot run beside its successor. */
function endingSteps(moves: readonly Move[], services: ReadonlyMap<string, ServiceDefinition>): readonly Step[] {
  const first = endingFirst(moves);
  const away = first.map(({ service }) => service).filter((name) => services.get(name)?.strategy.kind !== 'worker');
  const summary = `${away.join(', ')}: nobody answers from here until the switch, since it cannot run twice`;
  return [
    ...(away.length === 0 ? [] : [{ id: 'away', kind: 'switch', summary } as const]),
    ...first.flatMap(retirementSteps),
  ];
}

function retirementSteps({ service, slot }: { readonly service: string; readonly slot: string }): readonly Step[] {
  return [
    { id: `drain:${service}`, kind: 'drain', service, summary: `drain ${service} in ${slot}` },
    { id: `stop:${service}`, kind: 'stop', service, summary: `stop ${service} in ${slot}` },
  ];
}

function startSteps(starting: readonly Starting[], waves: readonly (readonly string[])[]): readonly Step[] {
  return waves.flat().flatMap((name): Step[] => {
    const move = starting.find(({ service }) => service.name === name)?.move;
    if (move === undefined) return [];
    const probe: Step = { id: `probe:${name}`, kind: 'probe', service: name, summary: `probe ${name} in ${move.slot}` };
    if (move.kind === 'reuse') return [probe];
    const replaced = move.kind === 'start' && move.replaces !== null ? ', in place of an older idle instance' : '';
    const start = { id: `start:${name}`, kind: 'start', service: name } as const;
    return [{ ...start, summary: `start ${name} in ${move.slot}${replaced}` }, probe];
  });
}

function canarySteps({ kind, trial }: PlanReleaseInput, moves: readonly Move[]): readonly Step[] {
  const services = servicesWithBoth(moves);
  if (kind === 'rollback' || trial.canarySteps.length === 0 || services.length === 0) return [];
  const shares = trial.canarySteps.map((percent) => `${percent} %`).join(', ');
  const summary = `canary of ${services.join(', ')}: ${shares}, each for ${seconds(trial.canaryStepMs)}`;
  return [{ id: 'canary', kind: 'canary', summary: `${summary}; ${judgingInWords(trial, trial.canaryStepMs)}` }];
}

function bakeSteps({ kind, trial }: PlanReleaseInput, moves: readonly Move[]): readonly Step[] {
  const warm = servicesWithBoth(moves);
  if (kind === 'rollback' || trial.bakeMs === 0 || warm.length === 0) return [];
  const summary = `watch ${warm.join(', ')} for ${seconds(trial.bakeMs)}`;
  return [{ id: 'bake', kind: 'bake', summary: `${summary}; ${judgingInWords(trial, trial.bakeMs)}` }];
}

/** Where too little is known of a new version it goes on unjudged: whoever reads the plan must know when that is so. */
function judgingInWords({ limits }: Trial, forMs: number): string {
  const { requests, latency } = judgingNeeds({ forMs, limits });
  return `not judged with fewer than ${requests} requests${latency ? '' : ', nor by latency in so short a time'}`;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Live services whose route is to be another one; their instances may stay. */
function reroutedServices({ services, live }: PlanReleaseInput): readonly ServiceDefinition[] {
  return services.filter(({ name, route }) => {
    const now = live.find((service) => service.name === name);
    return now !== undefined && contentHash(now.route) !== contentHash(route);
  });
}

function switchSummary(
  starting: readonly Starting[],
  removed: readonly Move[],
  rerouted: readonly ServiceDefinition[],
): string {
  const parts = [
    ...starting.map(({ move: { service, slot } }) => `${service} to ${slot}`),
    ...removed.map(({ service }) => `${service} away`),
    ...rerouted.map(({ name, route }) => `the route of ${name} to ${routeInWords(route)}`),
  ];
  return `switch ${parts.join(', ')}`;
}

function routeInWords(route: ServiceDefinition['route']): string {
  return route === null ? 'none' : `${route.host ?? ''}${route.path}`;
}
