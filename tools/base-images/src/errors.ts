import { MaestroError, messageOf } from '@maestro/core';

export type BaseImageErrorCode =
  | 'BASE_IMAGE_ENGINE_FAILED'
  | 'BASE_IMAGE_PULL_FAILED'
  | 'BASE_IMAGE_LOAD_FAILED'
  | 'BASE_IMAGE_BUILD_FAILED'
  | 'BASE_IMAGE_UNSUPPORTED'
  | 'BASE_IMAGE_BUSY';

export type BaseImageError = MaestroError<BaseImageErrorCode>;

export function engineFailed(engine: string, reason: unknown): BaseImageError {
  return new MaestroError('BASE_IMAGE_ENGINE_FAILED', `the engine at ${engine} does not answer: ${messageOf(reason)}`, {
    hint: `ask it with: docker --host ${engine} version`,
    retryable: true,
    cause: reason,
  });
}

export function pullFailed(engine: string, reference: string, reason: unknown): BaseImageError {
  return new MaestroError(
    'BASE_IMAGE_PULL_FAILED',
    `${reference}: its hub answers here, but the engine could not pull it: ${messageOf(reason)}`,
    { hint: `try it with: docker --host ${engine} pull ${reference}`, retryable: true, cause: reason },
  );
}

export function loadFailed(engine: string, archive: string, reason: unknown): BaseImageError {
  return new MaestroError(
    'BASE_IMAGE_LOAD_FAILED',
    `${archive}: the engine at ${engine} could not load this image: ${messageOf(reason)}`,
    { hint: `see what it says: docker --host ${engine} load --input ${archive}`, cause: reason },
  );
}

export function buildFailed(command: string, reason: string): BaseImageError {
  return new MaestroError('BASE_IMAGE_BUILD_FAILED', `making a base image: ${command} failed: ${reason}`, {
    hint:
      'the mirror of Debian, the npm registry and the right to mount (in a container: --privileged) are needed; ' +
      'try: curl -I http://deb.debian.org/debian/ && npm ping && unshare --mount true',
    retryable: true,
  });
}

export function busy(lock: string): BaseImageError {
  return new MaestroError('BASE_IMAGE_BUSY', 'another process is making base images and does not finish', {
    hint: `find it with: fuser ${lock}`,
    retryable: true,
  });
}
