import type { LockSighting } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { formatAge, formatDuration } from './times.ts';

/** Who has the deployment lock, for people. */
export function renderLock(environment: string, lock: LockSighting | null, { colors, now }: Style): string {
  if (lock === null) return `Nobody holds the lock of ${environment}.`;
  const { holder, purpose, since, state, leaseLeftMs, token } = lock;
  const head = `${holder} for ${purpose}, since ${formatAge(since, now)}`;
  if (state === 'held') {
    return `${colors.yellow('Held')} by ${head}\n  holder ${token}, its lease ends in ${formatDuration(leaseLeftMs)} unless it is renewed`;
  }
  return [
    `${colors.yellow('Abandoned')} by ${head}`,
    '  the next deployment takes it',
    `Next: maestro status -e ${environment} says whether a release was cut off`,
  ].join('\n');
}

/** From whom the lock was taken, for people. */
export function renderReleasedLock(environment: string, taken: LockSighting | null, { colors, now }: Style): string {
  if (taken === null) return `Nobody held the lock of ${environment}.`;
  const { holder, purpose, since, state } = taken;
  const head = `the lock from ${holder}, who had it for ${purpose} since ${formatAge(since, now)}`;
  if (state === 'abandoned') return `Freed ${head} and went without letting go of it.`;
  return [
    `${colors.red('Took')} ${head} and is still at work.`,
    '  It can switch no more: it ends at its next step, and what it has begun is left cut off.',
    `Next: maestro status -e ${environment}, then maestro resume or maestro abort -e ${environment}`,
  ].join('\n');
}
