import { endingFirst, judgingNeeds, leaving, type Move } from '@maestro/bluegreen';

import { isUnbuilt, type ServiceDefinition } from '../release/release-definition.ts';
import { around, gateSteps, type Step } from './call-steps.ts';
import { contentHash } from './content-hash.ts';
import type { PlanStep } from './plan.ts';
import { noCalls, type PlanReleaseInput, type Trial } from './plan-release.ts';

interface Starting {
  readonly move: Move;
  readonly service: ServiceDefinition;
}

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
  const { jobs: jobNames, gates, hooks } = input.calls ?? noCalls;
  const jobs = input.services.filter(({ name }) => jobNames.includes(name));
  const removed = moves.filter(({ kind }) => kind === 'remove');
  const rerouted = reroutedServices(input);
  const idle = starting.length + removed.length + rerouted.length + jobs.length === 0;
  if (idle && input.resumed !== true) return [];

  const brought = [
    ...starting.flatMap(({ move, service }) => (move.kind === 'start' ? [{ service, reason: move.reason }] : [])),
    ...jobs.map((service) => ({ service, reason: 'a job' })),
  ];
  const images = imageSteps(input, brought);
  const changed = [...starting.map(({ service }) => service), ...jobs];
  const steps = [
    ...around(hooks, 'build', images.build),
    ...around(hooks, 'images', images.images),
    ...around(hooks, 'scan', images.scan),
    ...around(hooks, 'gates', gateSteps(gates, 'images')),
    ...(input.reloads ? [reload] : []),
    ...around(hooks, 'secrets', secretSteps(brought.map(({ service }) => service))),
    ...around(hooks, 'migrate', migrationSteps(input, changed)),
    ...around(hooks, 'start', [
      ...waveSteps({ starting, jobs, waves, ending: endingSteps(moves, byName) }),
      ...gateSteps(gates, 'probe'),
    ]),
    ...around(hooks, 'canary', canarySteps(input, moves)),
    ...around(hooks, 'switch', [{ id: 'switch', kind: 'switch', summary: switchSummary(starting, removed, rerouted) }]),
    ...around(hooks, 'bake', bakeSteps(input, moves)),
    ...around(hooks, 'drain', leaving(moves).flatMap(retirementSteps)),
    ...around(hooks, 'record', [{ id: 'record', kind: 'record', summary: 'record the release' }]),
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

interface Brought {
  readonly service: ServiceDefinition;
  /** Why its image is needed. */
  readonly reason: string;
}

function imageSteps({ kind, judged }: PlanReleaseInput, brought: readonly Brought[]) {
  const fresh = kind === 'rollback' ? [] : brought;
  const unbuilt = fresh.filter(({ service }) => isUnbuilt(service.digest)).map(({ service }) => service.image);
  const build: Step = { id: 'build', kind: 'build', summary: `build ${unbuilt.join(', ')}` };
  const scan: Step = { id: 'scan', kind: 'scan', summary: 'judge the known vulnerabilities of the images' };
  const images = fresh.map(({ service: { name, image }, reason }): Step => ({
    id: `image:${name}`,
    kind: 'image',
    service: name,
    summary: `image ${image} (${reason})`,
  }));
  return { build: unbuilt.length === 0 ? [] : [build], images, scan: judged && fresh.length > 0 ? [scan] : [] };
}

function secretSteps(needing: readonly ServiceDefinition[]): readonly Step[] {
  const names = [...new Set(needing.flatMap(({ secrets }) => secrets))].sort();
  return names.length === 0
    ? []
    : [{ id: 'secrets', kind: 'secrets', summary: `prepare secrets: ${names.join(', ')}` }];
}

function migrationSteps(
  { pendingMigrations }: PlanReleaseInput,
  changed: readonly ServiceDefinition[],
): readonly Step[] {
  return changed.flatMap(({ name }): Step[] => {
    const pending = pendingMigrations[name] ?? [];
    if (pending.length === 0) return [];
    const summary = `migrate the database of ${name}: ${pending.join(', ')}`;
    return [{ id: `migrate:${name}`, kind: 'migrate', service: name, summary }];
  });
}

interface WaveStepsInput {
  readonly starting: readonly Starting[];
  readonly jobs: readonly ServiceDefinition[];
  readonly waves: readonly (readonly string[])[];
  /** Of what cannot run beside its successor. */
  readonly ending: readonly Step[];
}

/** In each wave its jobs first; nobody is taken out of the traffic while jobs run that nothing else must start before. */
function waveSteps({ starting, jobs, waves, ending }: WaveStepsInput): readonly Step[] {
  const starts = (wave: readonly string[]) => starting.some(({ service }) => wave.includes(service.name));
  const first = waves.findIndex(starts);
  return waves.flatMap((wave, index) => [
    ...jobs
      .filter(({ name }) => wave.includes(name))
      .map(({ name, image }): Step => ({
        id: `job:${name}`,
        kind: 'job',
        service: name,
        summary: `run ${name} (${image}) to its end`,
      })),
    ...(index === first ? ending : []),
    ...startSteps(starting, [wave]),
  ]);
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
  return parts.length === 0 ? 'make this release the live one' : `switch ${parts.join(', ')}`;
}

function routeInWords(route: ServiceDefinition['route']): string {
  return route === null ? 'none' : `${route.host ?? ''}${route.path}`;
}
