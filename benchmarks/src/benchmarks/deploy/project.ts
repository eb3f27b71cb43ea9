import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ensureBaseImage } from '@maestro/base-images';

import { type Followed, followMaestro } from './followed-run.ts';
import type { Parts } from './place.ts';

/** A git repository with services that run as containers behind nginx, and the command line that deploys them. */
export interface Project {
  readonly folder: string;
  readonly services: readonly string[];
  /** Runs the command line to its end. */
  readonly maestro: (...args: readonly string[]) => Promise<Followed>;
  /** Everything, for the first time. */
  readonly deploy: () => Promise<void>;
  /** Commits a version of a service that no other run has had. */
  readonly change: (service: string) => Promise<void>;
}

export interface ProjectOptions {
  readonly parts: Parts;
  readonly folder: string;
  /** The script of the command line. */
  readonly program: string;
  readonly services: number;
  readonly signal: AbortSignal;
  readonly stack: AsyncDisposableStack;
}

const source = join(import.meta.dirname, 'service.mjs');

export async function openProject(options: ProjectOptions): Promise<Project> {
  const { parts, folder, program, signal, stack } = options;
  const services = Array.from({ length: options.services }, (_, index) => `s${index + 1}`);
  const person = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgSign=false'];
  const git = (...args: readonly string[]) => promisify(execFile)('git', [...person, ...args], { cwd: folder, signal });
  const commit = async () => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  let versions = 0;
  const write = async (service: string) => {
    versions += 1;
    await writeFile(join(folder, service, 'version'), `${process.pid}-${versions}\n`);
  };
  await mkdir(folder);
  for (const service of services) {
    await mkdir(join(folder, service));
    await copyFile(source, join(folder, service, 'server.mjs'));
    await write(service);
  }
  const config = join(folder, 'maestro.config.json');
  await writeFile(config, JSON.stringify(configuration(services, parts), undefined, 2));
  await writeFile(join(folder, '.gitignore'), '.maestro/\n');
  await writeFile(join(folder, 'Dockerfile'), await dockerfile(parts));
  await git('init', '--quiet');
  await commit();
  const maestro = (...args: readonly string[]) =>
    followMaestro({ program, args: [...args, '-e', 'bench', '-c', config, '--json'], signal });
  stack.defer(async () => {
    await followMaestro({ program, args: ['stop', '--yes', '-e', 'bench', '-c', config, '--json'], signal: undefined });
  });
  return {
    folder,
    services,
    maestro,
    deploy: async () => {
      await maestro('deploy');
    },
    change: async (service) => {
      await write(service);
      await commit();
    },
  };
}

async function dockerfile({ docker }: Parts): Promise<string> {
  const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'node' });
  const labels = Object.entries(docker.labels).map(([label, value]) => `LABEL "${label}"="${value}"\n`);
  return `FROM ${reference}\n${labels.join('')}WORKDIR /srv\nCOPY . .\nCMD ["node", "server.mjs"]\n`;
}

function configuration(services: readonly string[], { docker }: Parts): object {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const health = { deadlineMs: 120_000 };
  const one = (name: string) => ({
    context: name,
    image: { dockerfile: 'Dockerfile', user },
    health,
    route: { path: `/${name}` },
  });
  return {
    project: `${docker.suite}-deploy`,
    services: Object.fromEntries(services.map((name) => [name, one(name)])),
    environments: {
      bench: {
        runtime: 'docker',
        proxy: { port: 0, closingMs: 100, ...(user.startsWith('0:') ? { workerUser: 'root' } : {}) },
        images: { engine: docker.address },
      },
    },
  };
}
