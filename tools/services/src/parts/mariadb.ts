import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { createConnection, type RowDataPacket } from 'mysql2/promise';

import type { SharedPart, StartedServer, StartOptions } from '../part.ts';
import { freePort, runBefore, spawnServer } from '../server-process.ts';
import { programVersion } from './program-version.ts';
import { userOf } from './system-user.ts';

/** A database of the suite's own, whose tables it need not clean up. */
export interface MariadbSuite extends AsyncDisposable {
  readonly url: string;
}

export const mariadb: SharedPart<MariadbSuite> = {
  kind: 'shared',
  name: 'mariadb',
  title: 'MariaDB',
  variable: 'MAESTRO_TEST_MARIADB',
  programs: [{ name: 'mariadbd' }, { name: 'mariadb-install-db' }],
  version: ({ mariadbd = '' }) => programVersion(mariadbd, ['--version']),
  debianPackages: ['mariadb-server'],
  elsewhere: 'install MariaDB 10.11 or newer, so that mariadbd and mariadb-install-db are on the PATH',
  server: { start, ask },
  openSuite,
  removeSuites,
};

async function start({ programs, folder, signal }: StartOptions): Promise<StartedServer> {
  const { mariadbd = '', 'mariadb-install-db': installDb = '' } = programs;
  const user = await userOf('mysql');
  const data = join(folder, 'data');
  await mkdir(data);
  if (user !== undefined) for (const path of [folder, data]) await chown(path, user.uid, user.gid);
  const init = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  await runBefore({ program: installDb, args: init, folder, user, signal });
  const port = await freePort();
  const settings = [
    // Has to be the first: what the machine's own server is configured with does not matter here.
    '--no-defaults',
    `--datadir=${data}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--max-connections=300',
    // Its data ends with it: there is nothing to protect from a power failure.
    '--innodb-flush-log-at-trx-commit=0',
  ];
  const server = await spawnServer({ program: mariadbd, args: settings, folder, user });
  return { address: `mysql://root@127.0.0.1:${port}/`, processes: [server] };
}

async function ask(address: string): Promise<string> {
  const [row] = await query(address, 'SELECT VERSION() AS version');
  return String(row?.version).split('-')[0] ?? '';
}

async function openSuite({ address, suite }: { readonly address: string; readonly suite: string }) {
  await query(address, `CREATE DATABASE ${suite}`);
  const url = new URL(address);
  url.pathname = `/${suite}`;
  return { url: url.href, [Symbol.asyncDispose]: () => drop(address, suite) };
}

async function removeSuites(options: { readonly address: string; readonly isLeftover: (name: string) => boolean }) {
  const { address, isLeftover } = options;
  const databases = await query(address, 'SELECT schema_name AS name FROM information_schema.schemata');
  // Suites may have made further ones, whose names begin with theirs.
  for (const name of databases.map((row) => String(row.name))) if (isLeftover(name)) await drop(address, name);
}

/** A statement that still runs holds the database's tables, and DROP would wait for it: its connection goes first. */
async function drop(address: string, database: string): Promise<void> {
  const connections = await query(address, 'SELECT id FROM information_schema.processlist WHERE db = ?', [database]);
  for (const { id } of connections) await query(address, `KILL ${Number(id)}`).catch(() => undefined);
  await query(address, 'DROP DATABASE IF EXISTS ??', [database]);
}

async function query(address: string, sql: string, values: readonly string[] = []): Promise<readonly RowDataPacket[]> {
  const connection = await createConnection({ uri: address, connectTimeout: 5_000 });
  // The server may end a connection while nobody waits for an answer; the query itself then rejects.
  connection.on('error', () => undefined);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql, [...values]);
    return rows;
  } finally {
    await connection.end().catch(() => undefined);
  }
}
