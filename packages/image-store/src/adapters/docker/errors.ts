import { messageOf } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import type { BuildRequest } from '../../ports/image-builder.ts';
import { loginCommand } from '../oci/docker-login.ts';
import type { EngineAddress } from './engine-address.ts';
import { EngineFault } from './engine-fault.ts';

/** What was wanted of the engine, for messages. */
export interface Wanted {
  readonly address: EngineAddress;
  /** `push 127.0.0.1:5000/shop-api:latest` */
  readonly what: string;
}

export interface TransferWanted extends Wanted {
  readonly direction: 'push' | 'pull';
  /** `registry.example.com:5000` */
  readonly host: string;
  readonly reference: string;
}

export function invalidEngine(sshHost: string | undefined, why?: string): ImageStoreError {
  const message = why ?? 'the address of a Docker Engine is expected as unix:///<socket> or tcp://<host>:<port>';
  return new ImageStoreError('IMAGE_STORE_ENGINE_UNREACHABLE', message, {
    hint:
      sshHost === undefined
        ? 'docker context ls shows the addresses that this machine knows; DOCKER_HOST names one'
        : `lead its socket here, and name that: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock ${sshHost}`,
  });
}

export function engineUnreachable(address: EngineAddress, cause: unknown): ImageStoreError {
  const { shown } = address;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new ImageStoreError('IMAGE_STORE_ENGINE_UNREACHABLE', `no answer from ${shown}: ${messageOf(cause)}`, {
    hint: forbidden
      ? 'let this user in, then log in anew: sudo usermod --append --groups docker "$USER"'
      : `sudo systemctl start docker, then see whether it answers: docker --host ${shown} version`,
    details: { engine: shown },
    retryable: !forbidden,
    cause,
  });
}

/** What the engine did not do, or said in a way that proves nothing. Errors that are told already stay what they are. */
export function engineFailed({ address, what }: Wanted, cause: unknown): unknown {
  if (!(cause instanceof EngineFault)) return cause;
  return new ImageStoreError('IMAGE_STORE_ENGINE_FAILED', `cannot ${what}: ${cause.message}`, {
    hint: `see whether the engine is well: docker --host ${address.shown} info`,
    details: { engine: address.shown },
    retryable: cause.broken,
    cause,
  });
}

export function transferFailed(wanted: TransferWanted, cause: unknown): unknown {
  if (!(cause instanceof EngineFault)) return cause;
  const { address, direction, host, reference, what } = wanted;
  const code = direction === 'push' ? 'IMAGE_STORE_PUSH_FAILED' : 'IMAGE_STORE_PULL_FAILED';
  return new ImageStoreError(code, `cannot ${what}: ${cause.message}`, {
    hint: cause.isAboutLogin
      ? `${loginCommand(host)}, with an account that may ${direction} there`
      : `see what it says there: docker --host ${address.shown} ${direction} ${reference}`,
    details: { engine: address.shown, registry: host, reference },
    retryable: cause.broken || cause.isPassing,
    cause,
  });
}

export function buildFailed(
  request: BuildRequest,
  { address }: Pick<Wanted, 'address'>,
  output: { readonly step: string | undefined; readonly lastLines: readonly string[] },
  cause: unknown,
): unknown {
  if (!(cause instanceof EngineFault)) return cause;
  const { service, repository } = request;
  const { step, lastLines } = output;
  const place = step === undefined ? '' : ` at "${step}"`;
  const printed = lastLines.length === 0 ? '' : `; it printed last:\n${lastLines.join('\n')}`;
  const message = `the build of ${service} failed${place}: ${cause.message}${printed}`;
  return new ImageStoreError('IMAGE_STORE_BUILD_FAILED', message, {
    hint: `repeat it alone, in its build context: ${buildCommand(request, address)}`,
    details: { service, repository, engine: address.shown, step: step ?? null, output: lastLines },
    retryable: cause.broken,
    cause,
  });
}

/** The values of arguments are taken from the environment, so that they are not repeated here. */
function buildCommand({ dockerfile, target, args, platform }: BuildRequest, address: EngineAddress): string {
  const options = [
    `--file ${quoted(dockerfile)}`,
    ...(target === undefined ? [] : [`--target ${quoted(target)}`]),
    ...(platform === undefined ? [] : [`--platform ${quoted(platform)}`]),
    ...Object.keys(args).map((name) => `--build-arg ${quoted(name)}`),
  ];
  return `docker --host ${address.shown} build ${options.join(' ')} .`;
}

function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function noRepository(repository: string, direction: 'push' | 'pull'): ImageStoreError {
  const code = direction === 'push' ? 'IMAGE_STORE_PUSH_FAILED' : 'IMAGE_STORE_PULL_FAILED';
  return new ImageStoreError(code, `cannot ${direction} ${repository}: this engine has no image repository`, {
    hint: 'name one where the engine is opened: "repositories"',
    details: { repository },
  });
}

export function imageInUse(repository: string, digest: string, containers: readonly string[]): ImageStoreError {
  const names = containers.join(' ');
  const message = `${repository}@${digest} is not removed: it is the image of ${names}`;
  return new ImageStoreError('IMAGE_STORE_ENGINE_FAILED', message, {
    hint: `when nobody needs them any more: docker rm ${names}`,
    details: { repository, digest, containers },
  });
}

export function unsupportedLayers(repository: string, digest: string, layers: number): ImageStoreError {
  const message = `${repository}@${digest} is of no use here: expected one layer, it has ${layers}`;
  return new ImageStoreError('IMAGE_STORE_UNSUPPORTED_IMAGE', message, {
    hint: 'run images of several layers in containers',
    details: { repository, digest },
  });
}
