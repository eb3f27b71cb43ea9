import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

import { processesOfFolder } from '../processes-of-folder.ts';

/**
 * The processes of a folder that listen on a TCP port. A connection would not tell whose answer it got: another program
 * may have taken the port, or a worker that is on its way out may still accept.
 */
export async function listenersOf(folder: string, port: number): Promise<readonly number[]> {
  return process.platform === 'linux' ? await listenersFromProc(folder, port) : await listenersFromLsof(port);
}

async function listenersFromProc(folder: string, port: number): Promise<readonly number[]> {
  const [pids, sockets] = await Promise.all([processesOfFolder(folder), listeningSockets(port)]);
  const listens = await Promise.all(pids.map(async (pid) => (await filesOf(pid)).some((file) => sockets.has(file))));
  return pids.filter((_, index) => listens[index]);
}

/** The sockets as proc_pid_fd(5) names them; the columns of the tables are in proc_pid_net(5). */
async function listeningSockets(port: number): Promise<ReadonlySet<string>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  const rows = tables.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)));
  const wanted = rows.filter((row) => row[1]?.endsWith(ending) === true && row[3] === listening);
  return new Set(wanted.map((row) => `socket:[${row[9] ?? ''}]`));
}

async function filesOf(pid: number): Promise<readonly string[]> {
  // The process may end, or close a file, while it is looked at.
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
}

async function listenersFromLsof(port: number): Promise<readonly number[]> {
  const args = ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'];
  // Its exit status also says that there are none.
  const output = await promisify(execFile)('lsof', args).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return output.split('\n').filter(Boolean).map(Number);
}
