import { messageOf } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { EngineAddress } from './engine-address.ts';
import { EngineRefusal } from './engine-refusal.ts';

export function invalidEngine(problem: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_ENGINE_UNREACHABLE', problem, {
    hint: 'docker context ls shows the addresses that this machine knows; lead one that is reached by ssh to a socket: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock <host>',
  });
}

export function engineUnreachable({ shown }: EngineAddress, cause: unknown): BlueGreenError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new BlueGreenError('BLUEGREEN_ENGINE_UNREACHABLE', `no answer from ${shown}: ${messageOf(cause)}`, {
    hint: forbidden
      ? 'let this user in, then log in anew: sudo usermod --append --groups docker "$USER"'
      : `sudo systemctl start docker, then see whether it answers: docker --host ${shown} version`,
    details: { engine: shown },
    retryable: !forbidden,
    cause,
  });
}

/** What the engine did not do. Errors that are told already stay what they are. */
export function engineFailed({ shown }: EngineAddress, what: string, cause: unknown): unknown {
  if (!(cause instanceof EngineRefusal)) return cause;
  return new BlueGreenError('BLUEGREEN_ENGINE_FAILED', `${shown} did not ${what}: ${cause.message}`, {
    hint: `see whether the engine is well: docker --host ${shown} info`,
    details: { engine: shown },
    retryable: cause.status >= 500,
    cause,
  });
}

export function networkUnfit({ shown }: EngineAddress, network: string, problem: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_NETWORK_UNFIT', `the network ${network} cannot be used: ${problem}`, {
    hint: `see what it is for: docker --host ${shown} network inspect ${network}`,
    details: { engine: shown, network },
  });
}

export function addressesExhausted(subnet: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_ADDRESSES_EXHAUSTED', `every fixed address of ${subnet} is handed out`, {
    hint: 'shut the environment down and give it a larger subnet',
    details: { subnet },
  });
}

/** Why a container did not start, for callers that can do something about it. */
type StartReason =
  'address-in-use' | 'command' | 'image-missing' | 'name-taken' | 'no-space' | 'not-found' | 'port-in-use' | 'refused';

interface Refused {
  /** Of the instance: `api.green`. */
  readonly name: string;
  readonly container: string;
  readonly image: string;
}

/** What was wrong with a container; faults of the engine as a whole stay what they are. */
export function notStarted({ shown }: EngineAddress, refused: Refused, cause: unknown): unknown {
  if (!(cause instanceof EngineRefusal)) return cause;
  const { name, container, image } = refused;
  const reason = reasonOf(cause);
  return new BlueGreenError('BLUEGREEN_START_FAILED', `${name} cannot be started: ${cause.message}`, {
    hint: hintFor(reason, { docker: `docker --host ${shown}`, container, image }),
    details: { engine: shown, container, image, reason },
    retryable: reason === 'address-in-use' || reason === 'port-in-use',
    cause,
  });
}

export function imageMissing({ shown }: EngineAddress, name: string, image: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_START_FAILED', `${name} cannot be started: ${shown} does not have ${image}`, {
    hint: `docker --host ${shown} pull ${image}, where it is in an image repository`,
    details: { engine: shown, image, reason: 'image-missing' satisfies StartReason },
  });
}

export function secretsUnwanted(name: string, secrets: readonly string[]): BlueGreenError {
  const message = `${name} cannot be started: nothing brings ${secrets.join(', ')} into its container`;
  return new BlueGreenError('BLUEGREEN_START_FAILED', message, {
    hint: 'open the environment with "mountSecrets"; the environment of a container is no place for them',
    details: { secrets },
  });
}

const patterns: readonly (readonly [StartReason, RegExp])[] = [
  ['image-missing', /no such image/i],
  ['name-taken', /container name .* is already in use/i],
  ['no-space', /no space left on device|disk quota exceeded/i],
  ['port-in-use', /port is already allocated|bind: address already in use|cannot assign requested address/i],
  ['address-in-use', /^address already in use/i],
  ['command', /OCI runtime|unable to start container process|unable to find user|executable file not found/i],
  ['not-found', /network .* not found|no such network|does not exist/i],
];

function reasonOf({ message }: EngineRefusal): StartReason {
  return patterns.find(([, pattern]) => pattern.test(message))?.[0] ?? 'refused';
}

function hintFor(
  reason: StartReason,
  { docker, container, image }: { readonly docker: string; readonly container: string; readonly image: string },
): string {
  switch (reason) {
    case 'image-missing':
      return `${docker} pull ${image}, where it is in an image repository`;
    case 'name-taken':
      return `somebody else made that container: see what it is for, then ${docker} rm --force ${container}`;
    case 'no-space':
      return `see what takes the place: ${docker} system df`;
    case 'port-in-use':
      return `see what listens there: ss --listening --tcp --processes`;
    case 'address-in-use':
      return `see which container has it: ${docker} ps, ${docker} network inspect`;
    case 'command':
      return `check "command" and the user of the service; by hand: ${docker} run --rm -it ${image}`;
    case 'not-found':
      return 'create what it names, or mend the name in the settings of the service';
    case 'refused':
      return 'mend the settings of the service that the message names';
  }
}
