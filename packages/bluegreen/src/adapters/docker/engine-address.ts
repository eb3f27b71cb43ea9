import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { messageOf, Redacted } from '@maestro/core';

import { invalidEngine } from './errors.ts';

/** Proves who asks to an engine that listens with TLS, and who answers; in PEM. */
export interface EngineCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: Redacted;
}

/** Where an engine listens, as node:http and node:https take it. */
export interface EngineAddress {
  /** As `docker --host` takes it. */
  readonly shown: string;
  readonly connection: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly certificates: EngineCertificates | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `unix:///…` or `tcp://<host>:<port>`; without it what Docker's own client goes by: `DOCKER_HOST` with
 * `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`, else the usual socket. Throws `BLUEGREEN_ENGINE_UNREACHABLE`.
 */
export function engineAddress(
  options: { readonly engine?: string | undefined; readonly certificates?: EngineCertificates | undefined },
  environment: Environment = process.env,
): EngineAddress {
  const { engine, certificates } = options;
  if (engine !== undefined) return parse(engine, () => certificates);
  const named = environment.DOCKER_HOST ?? '';
  if (named === '') return parse(`unix://${usualSocket()}`, () => undefined);
  return parse(named, () => certificates ?? certificatesOf(environment));
}

function parse(text: string, certificates: () => EngineCertificates | undefined): EngineAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:' && url.pathname !== '') {
    return { shown: text, connection: { socketPath: decodeURIComponent(url.pathname) }, certificates: undefined };
  }
  if (url?.protocol !== 'tcp:' || url.hostname === '' || url.username !== '') {
    throw invalidEngine('the address of a Docker Engine is expected as unix:///<socket> or tcp://<host>:<port>');
  }
  const found = certificates();
  const port = url.port === '' ? (found === undefined ? 2375 : 2376) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { shown: `tcp://${url.hostname}:${port}`, connection: { host, port }, certificates: found };
}

/** Docker Desktop's is in the home folder. */
function usualSocket(): string {
  const own = join(homedir(), '.docker', 'run', 'docker.sock');
  return existsSync(own) ? own : '/var/run/docker.sock';
}

function certificatesOf(environment: Environment): EngineCertificates | undefined {
  if ((environment.DOCKER_TLS_VERIFY ?? '') === '') return undefined;
  const folder = environment.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: new Redacted(read('key.pem')) };
  } catch (error) {
    throw invalidEngine(`DOCKER_TLS_VERIFY is set, and ${messageOf(error)}`);
  }
}
