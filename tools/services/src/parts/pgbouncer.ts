import { chown, mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { MaestroError, poll, systemClock } from '@maestro/core';

import type { PartErrorCode } from '../errors.ts';
import type { OwnPart } from '../part.ts';
import { endServer, freePort, lastLines, spawnServer } from '../server-process.ts';
import { clearFolder } from './configured-server.ts';
import { programVersion } from './program-version.ts';
import { userOf } from './system-user.ts';

interface Pooler extends AsyncDisposable {
  /** Leads to the same database, through the pooler. */
  readonly url: string;
}

/** A pooler that changes the server's connection from one transaction to the next. */
export interface PgbouncerSuite extends AsyncDisposable {
  /** Resolves when it accepts connections; `url` is that of a database whose user needs no password. */
  readonly start: (options: { readonly url: string; readonly serverConnections: number }) => Promise<Pooler>;
}

const startDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;

export const pgbouncer: OwnPart<PgbouncerSuite> = {
  kind: 'own',
  name: 'pgbouncer',
  title: 'PgBouncer',
  variable: 'MAESTRO_TEST_PGBOUNCER',
  programs: [{ name: 'pgbouncer', folders: ['/usr/sbin'] }],
  version: ({ pgbouncer: program = '' }) => programVersion(program, ['--version']),
  debianPackages: ['pgbouncer'],
  elsewhere: 'install PgBouncer 1.18 or newer (brew install pgbouncer), so that pgbouncer is on the PATH',
  openSuite: ({ programs: { pgbouncer: program = '' }, folder }) => {
    const opened = new AsyncDisposableStack();
    opened.defer(() => clearFolder(folder));
    return Promise.resolve({
      start: async ({ url, serverConnections }) => {
        const own = await mkdtemp(join(folder, 'pgbouncer-'));
        return opened.use(await startPooler({ program, folder: own, url: new URL(url), serverConnections }));
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    });
  },
};

interface PoolerOptions {
  readonly program: string;
  readonly folder: string;
  readonly url: URL;
  readonly serverConnections: number;
}

async function startPooler({ program, folder, url, serverConnections }: PoolerOptions): Promise<Pooler> {
  const port = await freePort();
  // It refuses to run as root.
  const user = await userOf('postgres');
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, configuration({ url, port, serverConnections }));
  if (user !== undefined) for (const path of [folder, file]) await chown(path, user.uid, user.gid);
  const server = await spawnServer({ program, args: [file], folder, user });
  const { accepted } = await poll({
    probe: () => accepts(port),
    accept: (isListening) => isListening,
    intervalMs: 50,
    deadlineMs: startDeadlineMs,
    clock: systemClock,
  });
  const end = () => endServer(server, { deadlineMs: stopDeadlineMs });
  if (!accepted) {
    await end();
    const code: PartErrorCode = 'PART_START_FAILED';
    throw new MaestroError(code, `pgbouncer did not come to serve: ${await lastLines(folder)}`);
  }
  const pooled = new URL(url);
  pooled.host = `127.0.0.1:${port}`;
  return { url: pooled.href, [Symbol.asyncDispose]: end };
}

function configuration(options: { readonly url: URL; readonly port: number; readonly serverConnections: number }) {
  const { url, port, serverConnections } = options;
  return `[databases]
* = host=${url.hostname} port=${url.port} user=${url.username}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 300
`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
