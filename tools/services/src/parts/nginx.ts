import type { OwnPart, ProgramPaths, StartedServer, StartOptions } from '../part.ts';
import { type Configuration, launch } from './configured-server.ts';
import {
  type ConfiguredSuite,
  openConfiguredSuite,
  type ReloadableProgram,
  replaceWorkers,
} from './configured-suite.ts';
import { programVersion } from './program-version.ts';

/** For what runs nginx by itself its `program`; for what needs one that runs, `start`. */
export interface NginxSuite extends ConfiguredSuite {
  readonly program: string;
}

export const nginx: OwnPart<NginxSuite> = {
  kind: 'own',
  name: 'nginx',
  title: 'nginx',
  variable: 'MAESTRO_TEST_NGINX',
  programs: [{ name: 'nginx' }],
  version: ({ nginx: program = '' }) => programVersion(program, ['-v']),
  // All that is used is built into the program; nginx-light is that package, and one with a module more.
  debianPackages: ['nginx'],
  elsewhere: 'install nginx 1.22 or newer (brew install nginx), so that nginx is on the PATH',
  server: { start, ask },
  openSuite: ({ programs, folder }) => {
    const { nginx: program = '' } = programs;
    return Promise.resolve({ program, ...openConfiguredSuite(nginxOf(programs), folder) });
  },
};

const showing: Configuration = (port) => `
events {}
http {
  server {
    listen 127.0.0.1:${port};
    return 200;
  }
}
`;

async function start({ programs, folder }: StartOptions): Promise<StartedServer> {
  const { port, processId } = await launch(nginxOf(programs), { folder, config: showing });
  return { address: `http://127.0.0.1:${port}/`, processes: [processId] };
}

async function ask(address: string, signal: AbortSignal): Promise<string | null> {
  const response = await fetch(address, { signal });
  const version = /^nginx\/(?<version>\S+)/.exec(response.headers.get('server') ?? '')?.groups?.version;
  if (!response.ok || version === undefined) throw new Error(`${address} is not answered by nginx: ${response.status}`);
  return version;
}

function nginxOf({ nginx: program = '' }: ProgramPaths): ReloadableProgram {
  // Without being told, workers of a root's nginx are another user's and cannot read the suite's folder.
  const user = process.getuid?.() === 0 ? ' user root;' : '';
  // What is relative is in the folder of the configuration, which is also the one it works in.
  const args = (file: string) => ['-p', '.', '-c', file, '-e', 'stderr', '-g', `daemon off; pid nginx.pid;${user}`];
  return {
    name: 'nginx',
    fileName: 'nginx.conf',
    check: (file) => ({ program, args: ['-t', '-q', ...args(file)] }),
    run: ({ file }) => ({ program, args: args(file) }),
    servedBy: 'workers',
    confine,
    reload: (server) => replaceWorkers(server, 'SIGHUP'),
  };
}

/**
 * Where a configuration does not say otherwise, nginx writes into folders of the machine's own nginx, and takes them
 * from its user. On the line that opens the block, so that nginx's errors name lines as they were written.
 */
function confine(config: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name}_temp;`);
  return config.replace(/^[^#\n]*\bhttp\s*\{/m, (opening) => [opening, 'access_log access.log;', ...paths].join(' '));
}
