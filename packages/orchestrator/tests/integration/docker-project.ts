import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { ensureBaseImage } from '@maestro/base-images';
import type { SuiteOf } from '@maestro/services';

import { type Environment, openEnvironment } from '../../src/index.ts';
import { server } from './project.ts';

/** Making the base image takes a minute where nobody has done so before. */
export const imageMs = 5 * 60_000;
/** One deployment of two services on two busy cores. */
export const releaseMs = 120_000;

export interface DockerPlace {
  readonly docker: SuiteOf<'docker'>;
  /** `http://127.0.0.1:5000/prefix`; without it images stay in the engine. */
  readonly repository?: string | undefined;
  /** Laid over the environment of the configuration, its proxy over that of it, and over its services. */
  readonly environment?: { readonly proxy?: object; readonly [key: string]: unknown };
  readonly services?: Readonly<Record<string, object>>;
  /** Services beside these two. */
  readonly more?: Readonly<Record<string, object>>;
}

/** A git repository with two services that run as containers behind nginx: api has a secret and a database. */
export interface DockerProject extends AsyncDisposable {
  readonly folder: string;
  readonly config: string;
  /** The name that everything on the engine begins with. */
  readonly name: string;
  readonly environment: Environment;
  commit(files: Readonly<Record<string, string>>): Promise<void>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  ask(service: 'api' | 'web'): Promise<Answer>;
}

interface Answer {
  readonly service: string;
  readonly version: string;
  readonly slot: string;
  readonly greeting?: string;
  readonly token?: number;
  readonly api?: string;
}

/** One request to the suite's engine, as somebody with a client of their own would send it. */
export async function askEngine(
  { engine }: Pick<SuiteOf<'docker'>, 'engine'>,
  path: string,
  method = 'GET',
): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const sent = request({ ...engine, method, path, agent: false }, (response) => {
      text(response).then((body) => {
        if ((response.statusCode ?? 500) < 400) resolve(body === '' ? null : JSON.parse(body));
        else reject(new Error(`${method} ${path} answered ${response.statusCode ?? 0}: ${body}`));
      }, reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

export const secret = 's3cret-canary-of-containers';

export async function dockerProject(name: string, place: DockerPlace): Promise<DockerProject> {
  const { docker } = place;
  const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'node' });
  const folder = await mkdtemp(join(tmpdir(), 'maestro-docker-project-'));
  const config = join(folder, 'maestro.config.json');
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [path, contents] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), contents);
    }
  };
  const commit = async (files: Readonly<Record<string, string>>) => {
    await write(files);
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  const project = `${docker.suite}-${name}`;
  const labels = Object.entries(docker.labels).map(([label, value]) => `LABEL "${label}"="${value}"\n`);
  await git('init', '--quiet');
  await commit({
    '.gitignore': '.env\n.maestro/\n',
    'maestro.config.json': JSON.stringify(configuration(project, place), undefined, 2),
    Dockerfile: `FROM ${reference}\n${labels.join('')}WORKDIR /srv\nCOPY . .\nCMD ["node", "server.mjs"]\n`,
    'services/api/server.mjs': server,
    'services/api/version': '1',
    'services/api/migrations/0001_create_orders.up.sql': 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
    'services/api/migrations/0001_create_orders.down.sql': 'DROP TABLE orders;\n',
    'services/web/server.mjs': server,
    'services/web/version': '1',
  });
  await write({ '.env': `TOKEN='${secret}'\n` });

  const environment = await openEnvironment({ config, environment: 'demo' });
  return {
    folder,
    config,
    name: project,
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

function configuration(
  project: string,
  { docker, repository, environment = {}, services = {}, more = {} }: DockerPlace,
): object {
  // The service must be able to write its database, which its migrations have made.
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const image = { dockerfile: 'Dockerfile', user };
  const health = { deadlineMs: 20_000 };
  return {
    project,
    services: {
      api: {
        context: 'services/api',
        image,
        health,
        secrets: ['TOKEN'],
        database: { adapter: 'sqlite', file: 'api.db' },
        route: { path: '/api' },
        ...services.api,
      },
      web: {
        context: 'services/web',
        image,
        health,
        dependsOn: ['api'],
        environment: { GREETING: 'hello' },
        route: { path: '/' },
        ...services.web,
      },
      ...Object.fromEntries(Object.entries(more).map(([name, service]) => [name, { image, ...service }])),
    },
    environments: {
      demo: {
        runtime: 'docker',
        images: { engine: docker.address, ...(repository === undefined ? {} : { repository }) },
        secrets: { source: 'dotenv', file: '.env' },
        ...environment,
        proxy: {
          port: 0,
          closingMs: 100,
          ...(user.startsWith('0:') ? { workerUser: 'root' } : {}),
          ...environment.proxy,
        },
      },
    },
  };
}
