import type { ReleaseImages } from '@maestro/image-store';

import type { EnvironmentStatus } from '../../environment.ts';
import type { LockSighting } from '../../lock/deployment-lock.ts';
import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { duration, listed } from '../words.ts';

const common = { group: 'release', saidBy: 'engine and generation' } as const;

export const releaseChecks = [
  check({
    name: 'lock',
    group: 'release',
    look: async ({ lock, clock }) => ({ sighting: await lock(), now: clock.now() }),
    judge: judgeLock,
  }),
  check({ ...common, name: 'interrupted', look: ({ status }) => status(), judge: judgeInterrupted }),
  check({ ...common, name: 'drift', look: ({ status }) => status(), judge: judgeDrift }),
  check({ ...common, name: 'health', look: ({ status }) => status(), judge: judgeHealth }),
  check({
    name: 'rollback-images',
    group: 'release',
    look: ({ releases }) => releases(),
    judge: judgeImages,
  }),
];

export function judgeLock(facts: { readonly sighting: LockSighting | null; readonly now: number }): Judgement {
  const { sighting, now } = facts;
  if (sighting === null) return ok('free');
  const { holder, purpose, since, state } = sighting;
  const held = `${holder} for ${purpose}, since ${duration(now - Date.parse(since))}`;
  if (state === 'held') return warning(`held by ${held}`, 'maestro lock status');
  return warning(`abandoned by ${held}; the next deployment takes it`, 'maestro lock release');
}

export function judgeInterrupted({ interrupted }: Pick<EnvironmentStatus, 'interrupted'>): Judgement {
  if (interrupted === null) return ok('no release was cut off');
  const { kind, release, lastStep, switched } = interrupted;
  const traffic = switched ? 'after its traffic was switched' : 'before its traffic was switched';
  return failed(`${kind} ${release} was cut off ${traffic}, in the step: ${lastStep}`, 'maestro resume');
}

export function judgeDrift({ drift }: Pick<EnvironmentStatus, 'drift'>): Judgement {
  const [first] = drift;
  if (first === undefined) return ok('nothing was changed by hand');
  return warning(drift.map(({ detail }) => detail).join('; '), first.next);
}

export function judgeHealth({ services }: Pick<EnvironmentStatus, 'services'>): Judgement {
  const live = services.flatMap(({ name, live: instance }) => (instance === null ? [] : [{ name, ...instance }]));
  const unwell = live.filter(({ healthy }) => !healthy);
  const [first] = unwell;
  if (first === undefined)
    return ok(live.length === 0 ? 'nothing is live' : `${listed(live.map(({ name }) => name))} answer`);
  const told = unwell.map(({ name, state }) => `${name} is ${state === 'running' ? 'unhealthy' : state}`);
  return failed(listed(told), `maestro logs ${first.name}`);
}

/** Of releases that a rollback can return to. */
export function judgeImages(releases: readonly ReleaseImages[]): Judgement {
  const lacking = releases.filter(({ images }) => images.some(({ stored }) => !stored));
  if (lacking.length === 0)
    return ok(`there for the last ${releases.length === 1 ? 'release' : `${releases.length} releases`}`);
  const told = lacking.map(({ release, images }) => {
    return `${release.id} (${images.flatMap(({ name, stored }) => (stored ? [] : [name])).join(', ')})`;
  });
  return warning(`no rollback to ${listed(told, 3)}: images are gone`, 'maestro images history');
}
