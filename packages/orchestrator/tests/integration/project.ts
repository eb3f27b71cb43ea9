import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { type Environment, openEnvironment } from '../../src/index.ts';

/** A service that tells what it was started with. */
export const server = `
import http from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
const version = readFileSync(new URL('version', import.meta.url), 'utf8').trim();
if (existsSync(process.env.DATABASE_PATH + '.poison')) process.exit(4);
if (version === 'crashes') { console.error('cannot find its configuration'); process.exit(3); }
const server = http.createServer((request, response) => {
  if (request.url === '/health') {
    response.statusCode = version === 'unhealthy' ? 503 : 200;
    response.end(version === 'unhealthy' ? 'the queue is not reachable' : 'ok');
    return;
  }
  if (version === 'errors') response.statusCode = 500;
  response.end(JSON.stringify({
    service: process.env.MAESTRO_SERVICE,
    version,
    slot: process.env.MAESTRO_SLOT,
    greeting: process.env.GREETING,
    token: process.env.TOKEN?.length,
    part: process.env.PART?.length,
    api: process.env.API_URL,
  }));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

/** A real project: a git repository with two services, one of them with a database and a secret. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  readonly config: string;
  readonly environment: Environment;
  /** Writes files and commits them. */
  commit(files: Readonly<Record<string, string>>): Promise<void>;
  /** Writes files and leaves them uncommitted. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Asks a service through the proxy. */
  ask(service: 'api' | 'web'): Promise<Answer>;
}

interface Answer {
  readonly service: string;
  readonly version: string;
  readonly slot: string;
  readonly greeting?: string;
  readonly token?: number;
  readonly part?: number;
  readonly api?: string;
}

export const configuration = {
  project: 'shop',
  services: {
    api: {
      context: 'services/api',
      command: ['node', 'server.mjs'],
      health: { deadlineMs: 3000 },
      secrets: ['TOKEN'],
      database: { adapter: 'sqlite', file: 'api.db' },
      route: { path: '/api' },
    },
    web: {
      context: 'services/web',
      command: ['node', 'server.mjs'],
      health: { deadlineMs: 3000 },
      dependsOn: ['api'],
      environment: { GREETING: 'hello' },
      route: { path: '/' },
    },
  },
  environments: {
    demo: { runtime: 'embedded', proxy: { port: 0 }, secrets: { source: 'dotenv', file: '.env' } },
  },
};

const firstCommit = {
  '.gitignore': '.env\n.maestro/\n',
  'maestro.config.json': JSON.stringify(configuration, undefined, 2),
  'services/api/server.mjs': server,
  'services/api/version': '1',
  'services/api/migrations/0001_create_orders.up.sql': 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
  'services/api/migrations/0001_create_orders.down.sql': 'DROP TABLE orders;\n',
  'services/web/server.mjs': server,
  'services/web/version': '1',
};

export interface ProjectOptions {
  /** Instead of the one above, for the folder of the project. */
  readonly configuration?: (folder: string) => object;
  /** Beside those of the first commit. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function createProject(options: ProjectOptions = {}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-project-'));
  let commits = 0;
  const git = (...args: string[]) => {
    // Images have the time of their commit, in whole seconds: of two within one it would say nothing about which is newer.
    const date = new Date(Date.UTC(2026, 0, 1) + commits * 1_000).toISOString();
    return promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: folder,
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
  };
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, contents] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), contents);
    }
  };
  const commit = async (files: Readonly<Record<string, string>>) => {
    await write(files);
    commits += 1;
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  await git('init', '--quiet');
  const own = options.configuration?.(folder);
  const configured = own === undefined ? {} : { 'maestro.config.json': JSON.stringify(own, undefined, 2) };
  await commit({ ...firstCommit, ...configured, ...options.files });
  await write({ '.env': "TOKEN='s3cret-canary'\n" });

  const config = join(folder, 'maestro.config.json');
  const environment = await openEnvironment({ config, environment: 'demo' });
  return {
    folder,
    config,
    environment,
    commit,
    write,
    ask: async (service) => {
      const { url } = await environment.status();
      const response = await fetch(new URL(service === 'api' ? '/api' : '/', url ?? 'http://not-running'));
      return (await response.json()) as Answer;
    },
    [Symbol.asyncDispose]: async () => {
      await environment.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
