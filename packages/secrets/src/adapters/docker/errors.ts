import { MaestroError, messageOf } from '@maestro/core';

import type { SecretsErrorCode } from '../../errors.ts';
import type { EngineAddress } from './engine-address.ts';

type SecretsError = MaestroError<SecretsErrorCode>;

export function invalidEngine(problem: string): SecretsError {
  return new MaestroError('SECRETS_ENGINE_UNREACHABLE', problem, {
    hint: 'lead its socket here, and name that: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock <host>',
  });
}

export function engineUnreachable({ shown }: EngineAddress, cause: unknown): SecretsError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new MaestroError('SECRETS_ENGINE_UNREACHABLE', `no answer from ${shown}: ${messageOf(cause)}`, {
    hint: forbidden
      ? 'let this user in, then log in anew: sudo usermod --append --groups docker "$USER"'
      : `sudo systemctl start docker, then see whether it answers: docker --host ${shown} version`,
    details: { engine: shown },
    retryable: !forbidden,
    cause,
  });
}

export function engineRefused({ shown }: EngineAddress, asked: string, said: string): SecretsError {
  return new MaestroError('SECRETS_ENGINE_FAILED', `${shown} refused ${asked}: ${said}`, {
    hint: `see whether the engine is well: docker --host ${shown} info`,
    details: { engine: shown, asked },
  });
}

export function engineUnfit({ shown }: EngineAddress, problem: string): SecretsError {
  return new MaestroError('SECRETS_ENGINE_FAILED', `${shown} cannot keep secrets in memory: ${problem}`, {
    hint: `see what it says of itself: docker --host ${shown} info`,
    details: { engine: shown },
  });
}

/** The keeper was asked, and the volume still holds something else. */
export function notArrived({ shown }: EngineAddress, volume: string, keeper: string, state: string): SecretsError {
  return new MaestroError(
    'SECRETS_ENGINE_FAILED',
    `the secrets did not arrive in the volume ${volume}: its keeper ${keeper} is ${state}`,
    {
      hint: state.includes('code 1')
        ? 'it could not watch the volume: sudo sysctl fs.inotify.max_user_instances=1024'
        : `docker --host ${shown} inspect ${keeper}`,
      details: { engine: shown, volume, keeper },
      retryable: true,
    },
  );
}

export function volumeInUse(
  { shown }: Pick<EngineAddress, 'shown'>,
  volume: string,
  why: string,
  users: readonly string[],
): SecretsError {
  const names = users.join(' ');
  return new MaestroError('SECRETS_VOLUME_IN_USE', `the volume ${volume} ${why}, and ${names} has it`, {
    hint: `when nobody needs them any more: docker --host ${shown} rm --force ${names}`,
    details: { engine: shown, volume, containers: users },
  });
}

export function foreignVolume({ shown }: EngineAddress, volume: string): SecretsError {
  return new MaestroError('SECRETS_CONFLICT', `the volume ${volume} is there and was not made for these secrets`, {
    hint: `see whose it is: docker --host ${shown} volume inspect ${volume}`,
    details: { engine: shown, volume },
  });
}
