import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hash } from 'bcryptjs';

import type { StartedServer, StartOptions } from '../../part.ts';
import { selfSigned } from '../../self-signed.ts';
import { freePort, spawnServer } from '../../server-process.ts';

interface Security {
  readonly login: { readonly username: string; readonly password: string };
  /** PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** Lines of `name:hash`, as Apache's htpasswd writes them. */
  readonly passwords: string;
}

/** Starts a registry that whoever reaches it may use. */
export async function startOpen(options: StartOptions): Promise<StartedServer> {
  const port = await startRegistry(options, undefined);
  return { address: `http://127.0.0.1:${port.number}`, processes: [port.server] };
}

/** Starts one that wants a password and is reached by TLS; the address has both, and the path of the certificate. */
export async function startSecured(options: StartOptions): Promise<StartedServer> {
  const security = await secure(options.folder);
  const port = await startRegistry(options, security);
  const address = new URL(`https://127.0.0.1:${port.number}/`);
  Object.assign(address, security.login);
  address.searchParams.set('ca', security.certificate);
  return { address: address.href, processes: [port.server] };
}

async function startRegistry({ programs, folder }: StartOptions, security: Security | undefined) {
  const number = await freePort();
  const configuration = join(folder, 'config.yml');
  // JSON is YAML too.
  await writeFile(configuration, JSON.stringify(configure(folder, number, security)), { mode: 0o600 });
  const args = ['serve', configuration];
  const server = await spawnServer({ program: programs['docker-registry'] ?? '', args, folder });
  return { number, server };
}

function configure(folder: string, port: number, security: Security | undefined): object {
  const tls = security === undefined ? {} : { tls: { certificate: security.certificate, key: security.key } };
  const auth = security === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: security.passwords } } };
  return {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, secret: randomBytes(16).toString('hex'), ...tls },
    ...auth,
  };
}

async function secure(folder: string): Promise<Security> {
  const login = { username: 'maestro', password: randomBytes(16).toString('hex') };
  const files = {
    certificate: join(folder, 'ca.pem'),
    key: join(folder, 'key.pem'),
    passwords: join(folder, 'htpasswd'),
  };
  const { certificate, key } = await selfSigned({ title: 'Maestro test image repository', hosts: ['localhost'] });
  await writeFile(files.certificate, certificate);
  await writeFile(files.key, key, { mode: 0o600 });
  // The cheapest hash: a random password needs no other, and each request is checked against it.
  await writeFile(files.passwords, `${login.username}:${await hash(login.password, 4)}\n`, { mode: 0o600 });
  return { login, ...files };
}
