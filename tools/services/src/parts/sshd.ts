import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { OwnPart, ProgramPaths, StartedServer, StartOptions } from '../part.ts';
import { runVariable } from '../run-variable.ts';
import {
  clearFolder,
  type Configuration,
  type ConfiguredProgram,
  launch,
  startConfigured,
} from './configured-server.ts';
import { programVersion } from './program-version.ts';
import { endSessions } from './sshd-sessions.ts';

/** A server of the suite's own that lets in the user who runs it, by a key of the suite's own and by nothing else. */
export interface SshdSuite extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

const host = '127.0.0.1';

export const sshd: OwnPart<SshdSuite> = {
  kind: 'own',
  name: 'sshd',
  title: 'OpenSSH server',
  variable: 'MAESTRO_TEST_SSHD',
  // Suites log in with ssh.
  programs: [{ name: 'sshd' }, { name: 'ssh-keygen' }, { name: 'ssh' }],
  version: ({ sshd: program = '' }) => programVersion(program, ['-V']),
  debianPackages: ['openssh-server', 'openssh-client'],
  elsewhere: 'install OpenSSH 9 or newer with its server, so that sshd, ssh-keygen and ssh are on the PATH',
  server: {
    start,
    ask,
    clear: ({ folder }) => endSessions(folder),
  },
  openSuite,
};

async function start({ programs, folder }: StartOptions): Promise<StartedServer> {
  const config = await prepare(programs, folder);
  const { port, processId } = await launch(sshdOf(programs), { folder, config });
  return { address: `ssh://${userInfo().username}@${host}:${port}`, processes: [processId] };
}

/** Reads the line with which it introduces itself. */
async function ask(address: string, signal: AbortSignal): Promise<string> {
  const url = new URL(address);
  let banner = '';
  for await (const text of connect({ host: url.hostname, port: Number(url.port), signal }).setEncoding('utf8')) {
    banner += String(text);
    if (banner.includes('\n')) break;
  }
  const version = /^SSH-2\.0-OpenSSH_(?<version>\d+\.\d+)/.exec(banner)?.groups?.version;
  if (version === undefined) throw new Error(`${address} is not answered by OpenSSH`);
  return version;
}

async function openSuite(options: { readonly programs: ProgramPaths; readonly folder: string }): Promise<SshdSuite> {
  const { programs, folder } = options;
  await using opening = new AsyncDisposableStack();
  opening.defer(() => clearFolder(folder));
  const config = await prepare(programs, folder);
  const { port } = opening.use(await startConfigured(sshdOf(programs), { folder, config }));
  opening.defer(() => endSessions(folder));
  const knownHostsFile = join(folder, 'known_hosts');
  await writeFile(knownHostsFile, `[${host}]:${port} ${await readFile(join(folder, 'host_key.pub'), 'utf8')}`);
  const stack = opening.move();
  return {
    host,
    port,
    user: userInfo().username,
    identityFile: join(folder, 'identity'),
    knownHostsFile,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Makes the keys of both sides, for which the configuration then is. */
async function prepare({ 'ssh-keygen': keygen = '' }: ProgramPaths, folder: string): Promise<Configuration> {
  for (const name of ['host_key', 'identity']) {
    const args = ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)];
    await promisify(execFile)(keygen, args, { timeout: 30_000 });
  }
  // Debian makes it when the machine starts its own server; a root's refuses to run without. It is not ours to remove.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  return (port) => `
ListenAddress ${host}:${port}
HostKey ${join(folder, 'host_key')}
AuthorizedKeysFile ${join(folder, 'identity.pub')}
# The folder may be in /tmp, which is everybody's to write to.
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
# What is run by way of it is found by this when it outlives its login.
SetEnv ${runVariable}=${folder}
`;
}

function sshdOf({ sshd: program = '' }: ProgramPaths): ConfiguredProgram {
  return {
    name: 'sshd',
    fileName: 'sshd_config',
    check: (file) => ({ program, args: ['-t', '-f', file] }),
    run: ({ file }) => ({ program, args: ['-D', '-e', '-f', file] }),
    servedBy: 'itself',
  };
}
