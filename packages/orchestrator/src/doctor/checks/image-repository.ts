import { isMaestroError, reportError } from '@maestro/core';
import type { RegistryFacts } from '@maestro/image-store/oci';

import { check } from '../check.ts';
import { failed, type Judgement, ok, skipped } from '../finding.ts';

const common = { group: 'image repository', saidBy: 'image-repository' } as const;
const aboutLogin = ['IMAGE_STORE_UNAUTHORIZED', 'IMAGE_STORE_DENIED'];

export const imageRepositoryChecks = [
  check({
    name: 'image-repository',
    group: 'image repository',
    look: ({ imageRepository }) => imageRepository(),
    judge: judgeReach,
  }),
  check({
    ...common,
    name: 'image-repository-login',
    look: ({ imageRepository }) => imageRepository(),
    judge: judgeLogin,
  }),
  check({
    ...common,
    name: 'image-repository-pull',
    look: ({ imageRepository }) => imageRepository(),
    judge: judgePull,
  }),
  check({
    ...common,
    name: 'image-repository-push',
    look: ({ imageRepository }) => imageRepository(),
    judge: judgePush,
  }),
];

export function judgeReach({ pullFailure }: Pick<RegistryFacts, 'pullFailure'>): Judgement {
  return pullFailure === null || isAbout(pullFailure, aboutLogin) ? ok('it answers') : of(pullFailure);
}

export function judgeLogin({ pullFailure }: Pick<RegistryFacts, 'pullFailure'>): Judgement {
  if (pullFailure === null) return ok('it accepts the login, or needs none');
  if (isAbout(pullFailure, ['IMAGE_STORE_UNAUTHORIZED'])) return of(pullFailure);
  return isAbout(pullFailure, aboutLogin) ? ok('it knows the login') : unreached();
}

export function judgePull({ pullFailure, exists }: Pick<RegistryFacts, 'exists' | 'pullFailure'>): Judgement {
  if (pullFailure === null) return ok(exists === true ? 'allowed' : 'allowed; nothing was pushed yet');
  if (isAbout(pullFailure, ['IMAGE_STORE_DENIED'])) return of(pullFailure);
  return isAbout(pullFailure, aboutLogin) ? skipped('cannot be told: see image-repository-login') : unreached();
}

/** A repository that is yet to be made, as in Amazon ECR, answers that it does not know the name. */
export function judgePush({ pullFailure, pushFailure }: Pick<RegistryFacts, 'pullFailure' | 'pushFailure'>): Judgement {
  if (pushFailure === null) return ok('allowed: an upload was begun, and taken back');
  if (isAbout(pullFailure, ['IMAGE_STORE_UNAUTHORIZED'])) return skipped('cannot be told: see image-repository-login');
  if (isAbout(pushFailure, ['IMAGE_STORE_PUSH_FAILED']) && reportError(pushFailure).message.includes('NAME_UNKNOWN'))
    return ok('made by the first push');
  return isAbout(pushFailure, [...aboutLogin, 'IMAGE_STORE_PUSH_FAILED']) ? of(pushFailure) : unreached();
}

function of(failure: unknown): Judgement {
  const { message, hint = 'maestro images list' } = reportError(failure);
  return failed(message, hint);
}

function unreached(): Judgement {
  return skipped('cannot be told: see image-repository');
}

function isAbout(failure: unknown, codes: readonly string[]): boolean {
  return isMaestroError(failure) && codes.includes(failure.code);
}
