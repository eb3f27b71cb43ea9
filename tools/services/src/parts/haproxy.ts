import type { OwnPart, ProgramPaths, StartedServer, StartOptions } from '../part.ts';
import { type Configuration, launch } from './configured-server.ts';
import {
  type ConfiguredSuite,
  openConfiguredSuite,
  type ReloadableProgram,
  replaceWorkers,
} from './configured-suite.ts';
import { programVersion } from './program-version.ts';

/** For what runs HAProxy by itself its `program`; for what needs one that runs, `start`. */
export interface HaproxySuite extends ConfiguredSuite {
  readonly program: string;
}

export const haproxy: OwnPart<HaproxySuite> = {
  kind: 'own',
  name: 'haproxy',
  title: 'HAProxy',
  variable: 'MAESTRO_TEST_HAPROXY',
  programs: [{ name: 'haproxy' }],
  version: ({ haproxy: program = '' }) => programVersion(program, ['-v']),
  debianPackages: ['haproxy'],
  elsewhere: 'install HAProxy 2.6 or newer (brew install haproxy), so that haproxy is on the PATH',
  server: { start, ask },
  openSuite: ({ programs, folder }) => {
    const { haproxy: program = '' } = programs;
    return Promise.resolve({ program, ...openConfiguredSuite(haproxyOf(programs), folder) });
  },
};

const showing: Configuration = (port) => `
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s

frontend showing
  bind 127.0.0.1:${port}
  monitor-uri /
  stats enable
  stats uri /stats
`;

async function start({ programs, folder }: StartOptions): Promise<StartedServer> {
  const { port, processId } = await launch(haproxyOf(programs), { folder, config: showing });
  return { address: `http://127.0.0.1:${port}/`, processes: [processId] };
}

async function ask(address: string, signal: AbortSignal): Promise<string> {
  const monitor = await fetch(address, { signal });
  if (!monitor.ok) throw new Error(`${address} answers ${monitor.status}`);
  const statistics = await fetch(new URL('stats', address), { signal });
  const version = /HAProxy version (?<version>\d+(\.\d+)+)/.exec(await statistics.text())?.groups?.version;
  if (version === undefined) throw new Error(`${statistics.url} is not answered by HAProxy`);
  return version;
}

function haproxyOf({ haproxy: program = '' }: ProgramPaths): ReloadableProgram {
  return {
    name: 'haproxy',
    fileName: 'haproxy.cfg',
    check: (file) => ({ program, args: ['-c', '-f', file] }),
    // With a master, whose process stays the same when a reload replaces its worker.
    run: ({ file }) => ({ program, args: ['-W', '-f', file] }),
    servedBy: 'workers',
    reload: (server) => replaceWorkers(server, 'SIGUSR2'),
  };
}
