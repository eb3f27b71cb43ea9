import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import type { SharedPart, StartedServer, StartOptions } from '../part.ts';
import { freePort, runBefore, spawnServer } from '../server-process.ts';
import { programVersion } from './program-version.ts';
import { userOf } from './system-user.ts';

/** A database of the suite's own, whose tables and schemas it need not clean up. */
export interface PostgresqlSuite extends AsyncDisposable {
  readonly url: string;
}

const debianFolders = ['/usr/lib/postgresql/*/bin'];

export const postgresql: SharedPart<PostgresqlSuite> = {
  kind: 'shared',
  name: 'postgresql',
  title: 'PostgreSQL',
  variable: 'MAESTRO_TEST_POSTGRESQL',
  programs: [
    { name: 'postgres', folders: debianFolders },
    { name: 'initdb', folders: debianFolders },
  ],
  version: ({ postgres = '' }) => programVersion(postgres, ['--version']),
  debianPackages: ['postgresql'],
  elsewhere: 'install PostgreSQL 15 or newer, so that postgres and initdb are on the PATH',
  server: { start, ask },
  openSuite,
  removeSuites,
};

async function start({ programs, folder, signal }: StartOptions): Promise<StartedServer> {
  const { postgres = '', initdb = '' } = programs;
  // PostgreSQL refuses to run as root.
  const user = await userOf('postgres');
  const data = join(folder, 'data');
  await mkdir(data);
  if (user !== undefined) for (const path of [folder, data]) await chown(path, user.uid, user.gid);
  const init = ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  await runBefore({ program: initdb, args: init, folder, user, signal });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '300',
    // Its data ends with it: there is nothing to protect from a power failure.
    fsync: 'off',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await spawnServer({ program: postgres, args: ['-D', data, ...args], folder, user });
  return { address: `postgres://postgres@127.0.0.1:${port}/postgres`, processes: [server] };
}

async function ask(address: string): Promise<string> {
  const [row] = await query<{ server_version: string }>(address, 'SHOW server_version');
  return row?.server_version.split(' ')[0] ?? '';
}

async function openSuite({ address, suite }: { readonly address: string; readonly suite: string }) {
  await query(address, `CREATE DATABASE ${suite}`);
  const url = new URL(address);
  url.pathname = `/${suite}`;
  return { url: url.href, [Symbol.asyncDispose]: () => drop(address, suite) };
}

async function removeSuites(options: { readonly address: string; readonly isLeftover: (name: string) => boolean }) {
  const { address, isLeftover } = options;
  const databases = await query<{ datname: string }>(address, 'SELECT datname FROM pg_database');
  // Suites may have made further ones, whose names begin with theirs.
  for (const { datname } of databases) if (isLeftover(datname)) await drop(address, datname);
}

async function drop(address: string, database: string): Promise<void> {
  await query(address, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`);
}

async function query<Row extends pg.QueryResultRow>(address: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 5_000 });
  // The server may end a connection while nobody waits for an answer; the query itself then rejects.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
