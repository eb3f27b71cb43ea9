import { rollbackTarget } from '@maestro/image-store';
import { selectServices } from '@maestro/registry';

import type { RollbackOptions } from '../environment.ts';
import { noTrial, planRelease, type ReleaseCalls, type ReleasePlan } from '../plan/plan-release.ts';
import { liveServices } from './live-services.ts';
import { prepareObtainable } from './obtainable-secrets.ts';
import type { Parts } from './parts.ts';
import { refusePastContract } from './past-contract.ts';
import { planWithReload } from './plan-with-reload.ts';
import { proposedCalls } from './proposed-calls.ts';
import { configHashOf, type ReleaseDefinition, type ServiceDefinition } from './release-definition.ts';

/** A rollback thought through to the end, with nothing done yet. */
export interface ProposedRollback {
  readonly plan: ReleasePlan;
  readonly services: readonly ServiceDefinition[];
  readonly unwanted: readonly string[];
  readonly calls: ReleaseCalls;
  /** The release that comes back. */
  readonly target: ReleaseDefinition;
}

// Enough to reach any release that history still holds.
const searched = 1_000;

/** Computes what returning to an earlier release would do; reads no sources and builds nothing. */
export async function proposeRollback(
  parts: Parts,
  { services: names, to, hooks = [] }: Pick<RollbackOptions, 'hooks' | 'services' | 'to'>,
  signal: AbortSignal,
): Promise<ProposedRollback> {
  const { environment, history, definitions } = parts;
  const records = await history.list({ environment: environment.name, limit: searched }, { signal });
  const observed = await parts.blueGreen().observe({ signal });
  const live = observed.generation;
  const found = rollbackTarget({
    records,
    current: live?.release ?? null,
    ...(to === undefined ? {} : { to }),
  });
  const target = await definitions.read(found.id);

  if (names !== undefined) selectServices(target.services, names);
  const returning = target.services.filter(({ name }) => names?.includes(name) ?? true);
  const current = live === null ? [] : (await definitions.read(live.release)).services;
  const staying = names === undefined ? [] : current.filter(({ name }) => !names.includes(name));
  const unwanted = names === undefined ? current.map(({ name }) => name).filter(isMissingFrom(returning)) : [];

  await refusePastContract(parts, { returning, current, target, signal });
  const liveNow = await liveServices(parts, live);
  const inputWith = (services: readonly ServiceDefinition[]) =>
    ({
      environment: environment.name,
      kind: 'rollback',
      services: [...services, ...staying],
      unwanted,
      observed,
      live: liveNow,
      pendingMigrations: {},
      waitingMigrations: {},
      judged: false,
      trial: noTrial,
    }) as const;
  // Only an instance that must be started needs its secrets; one that is still warm has them.
  const starting = planRelease({ ...inputWith(returning), reloads: false }).moves.filter(
    ({ kind }) => kind === 'start',
  );
  const services = await Promise.all(
    returning.map(async (service) => {
      const starts = starting.some((move) => move.service === service.name);
      return starts ? await withObtainableSecrets(parts, service, signal) : service;
    }),
  );
  const input = inputWith(services);
  const scripts = { gates: [], hooks };
  const calls = proposedCalls({ environment, input, jobs: [], changedJobs: [], scripts });
  const plan = await planWithReload(parts, { ...input, calls });
  return { plan, services: [...services, ...staying], unwanted, target, calls };
}

async function withObtainableSecrets(
  parts: Parts,
  service: ServiceDefinition,
  signal: AbortSignal,
): Promise<ServiceDefinition> {
  const prepared = await prepareObtainable(parts, service, signal);
  const versions = prepared?.versions[service.name] ?? {};
  const same = Object.entries(versions).every(([name, version]) => service.secretVersions[name] === version);
  if (prepared === null || same) return service;
  const current = { ...service, secretVersions: { ...versions } };
  return { ...current, configHash: configHashOf(current) };
}

function isMissingFrom(services: readonly ServiceDefinition[]): (name: string) => boolean {
  const names = new Set(services.map(({ name }) => name));
  return (name) => !names.has(name);
}
