import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { messageOf } from '@maestro/core';

import { invalidEngine } from './errors.ts';

/** Where an engine listens, as node:http and node:https take it. */
export interface EngineAddress {
  /** As `docker --host` takes it. */
  readonly shown: string;
  readonly connection: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly certificates: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `unix:///…` or `tcp://<host>:<port>`; without it what Docker's own client goes by: `DOCKER_HOST`, else the usual
 * socket. Secrets go to another machine with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` only.
 * Throws SECRETS_ENGINE_UNREACHABLE.
 */
export function engineAddress(engine: string | undefined, environment: Environment = process.env): EngineAddress {
  const named = engine ?? environment.DOCKER_HOST ?? '';
  const text = named === '' ? `unix://${usualSocket()}` : named;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:' && url.pathname !== '') {
    return { shown: text, connection: { socketPath: decodeURIComponent(url.pathname) }, certificates: undefined };
  }
  if (url?.protocol !== 'tcp:' || url.hostname === '' || url.username !== '') {
    throw invalidEngine('the address of a Docker Engine is expected as unix:///<socket> or tcp://<host>:<port>');
  }
  const certificates = certificatesOf(environment);
  if (certificates === undefined && !isThisMachine(url.hostname)) {
    throw invalidEngine(`${url.host} is another machine, and secrets go there with TLS only`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (certificates === undefined ? 2375 : 2376) : Number(url.port);
  return { shown: `tcp://${url.hostname}:${port}`, connection: { host, port }, certificates };
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Docker Desktop's is in the home folder. */
function usualSocket(): string {
  const own = join(homedir(), '.docker', 'run', 'docker.sock');
  return existsSync(own) ? own : '/var/run/docker.sock';
}

function certificatesOf(environment: Environment): EngineAddress['certificates'] {
  if ((environment.DOCKER_TLS_VERIFY ?? '') === '') return undefined;
  const folder = environment.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    throw invalidEngine(`DOCKER_TLS_VERIFY is set, and ${messageOf(error)}`);
  }
}
