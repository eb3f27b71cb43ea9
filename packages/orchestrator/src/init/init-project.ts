import { once } from 'node:events';
import { access, appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

import { z } from 'zod';

import { OrchestratorError } from '../errors.ts';
import { findServices, nameOf } from './find-services.ts';
import type { FoundService } from './found-service.ts';
import { renderConfig, secretsOf } from './render-config.ts';
import { missingIgnores, renderEnvExample, renderMigrationsReadme } from './render-files.ts';

export interface InitOptions {
  /** The root of the repository; the current folder by default. */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a project has now; JSON-safe. */
export interface InitResult {
  readonly folder: string;
  readonly project: string;
  readonly services: readonly {
    readonly name: string;
    readonly context: string;
    /** Null where only its image says how it is started. */
    readonly command: readonly string[] | null;
  }[];
  /** Files that were written or added to, relative to the folder. */
  readonly written: readonly string[];
  /** Those that were there, and are as they were. */
  readonly kept: readonly string[];
  /** The commands to type now, in their order. */
  readonly next: readonly string[];
}

const anyConfig = /^maestro\.config\.(?:[cm]?[jt]s|json|ya?ml)$/;
const anyCompose = /^(?:docker-)?compose\.ya?ml$/;
const ignored = ['.maestro/', '.env'];
const moduleSchema = z.object({ type: z.literal('module') });
const ports = Array.from({ length: 20 }, (_, index) => 8080 + index);

/**
 * Begins to use Maestro in a repository: finds its services and writes a configuration for them, examples of their secrets,
 * a folder for each one's migrations, and lines of .gitignore. What is there is never overwritten. Throws
 * `ORCHESTRATOR_NO_SERVICES` before anything is written.
 */
export async function initProject({ folder: given, signal }: InitOptions = {}): Promise<InitResult> {
  const folder = resolve(given ?? '.');
  const project = nameOf(basename(folder)) ?? 'project';
  const names = await readdir(folder).catch(() => []);
  const compose = names.find((name) => anyCompose.test(name));
  const services = await findServices(folder, project);
  if (services.length === 0) throw noServices(folder, compose);
  signal?.throwIfAborted();

  const files = new Files(folder);
  const ownConfig = names.find((name) => anyConfig.test(name));
  if (ownConfig !== undefined) files.keep(ownConfig);
  else {
    const contents = renderConfig({ project, services, port: await freePort() });
    await files.write((await areModules(folder)) ? 'maestro.config.ts' : 'maestro.config.mts', contents);
  }
  await files.write('.env.example', renderEnvExample(services));
  for (const service of services) {
    const path = join(service.context, 'migrations');
    if (service.hasMigrations) files.keep(`${path}/`);
    else await files.write(join(path, 'README.md'), renderMigrationsReadme(service));
  }
  const installed = (await hasPackages(folder, services)) ? ['node_modules/'] : [];
  await files.add('.gitignore', (before) => missingIgnores(before, [...ignored, ...installed]));
  return {
    folder,
    project,
    services: services.map(({ name, context, command }) => ({ name, context, command })),
    written: files.written,
    kept: files.kept,
    next: nextCommands({ services, compose, isRepository: await isInRepository(folder) }),
  };
}

/** The files of a project, of which none is overwritten. */
class Files {
  readonly written: string[] = [];
  readonly kept: string[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  keep(path: string): void {
    this.kept.push(path);
  }

  async write(path: string, contents: string): Promise<void> {
    const file = join(this.#folder, path);
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeFile(file, contents, { flag: 'wx' });
      this.written.push(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.keep(path);
    }
  }

  async add(path: string, more: (before: string) => string): Promise<void> {
    const file = join(this.#folder, path);
    const addition = more(await readFile(file, 'utf8').catch(() => ''));
    if (addition === '') {
      this.keep(path);
      return;
    }
    await appendFile(file, addition);
    this.written.push(path);
  }
}

function nextCommands(options: {
  readonly services: readonly FoundService[];
  readonly compose: string | undefined;
  readonly isRepository: boolean;
}): readonly string[] {
  const { services, compose, isRepository } = options;
  return [
    ...(compose === undefined ? [] : [`maestro compose import ${compose} --out maestro.compose.yaml`]),
    ...(secretsOf(services).length === 0 ? [] : ['cp .env.example .env && chmod 600 .env && ${EDITOR:-vi} .env']),
    ...(isRepository ? [] : ['git init']),
    "git add --all && git commit --message 'Deploy with Maestro'",
    'maestro doctor -e development',
    'maestro deploy -e development',
  ];
}

/** The usual one, or the next that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  for (const port of ports) {
    const server = createServer();
    try {
      server.listen({ port, host: '127.0.0.1', exclusive: true });
      await once(server, 'listening');
      return port;
    } catch {
      // Somebody else has it.
    } finally {
      server.close();
    }
  }
  return 0;
}

async function isInRepository(folder: string): Promise<boolean> {
  const found = await isThere(join(folder, '.git'));
  return found || (dirname(folder) !== folder && (await isInRepository(dirname(folder))));
}

/**
 * Whether Node takes `.ts` files of the folder for modules, by the nearest package.json. Where it does not, as with what
 * `npm init` writes, it refuses a `maestro.config.ts` or warns of it at each command.
 */
async function areModules(folder: string): Promise<boolean> {
  const contents = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  if (contents !== undefined) return isModule(contents);
  return dirname(folder) !== folder && (await areModules(dirname(folder)));
}

function isModule(contents: string): boolean {
  try {
    return moduleSchema.safeParse(JSON.parse(contents)).success;
  } catch {
    return false;
  }
}

async function hasPackages(folder: string, services: readonly FoundService[]): Promise<boolean> {
  const folders = ['.', ...services.map(({ context }) => context)];
  const found = await Promise.all(folders.map((one) => isThere(join(folder, one, 'package.json'))));
  return found.includes(true);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function noServices(folder: string, compose: string | undefined): OrchestratorError {
  const wanted =
    'a package.json with a start script, a Dockerfile, a pyproject.toml with main.py or app.py, or a go.mod';
  return new OrchestratorError(
    'ORCHESTRATOR_NO_SERVICES',
    `there is no service in ${folder}: expected ${wanted}, in it or one folder below services, apps or packages`,
    {
      hint:
        compose === undefined
          ? 'npm pkg set scripts.start="node server.js", then maestro init'
          : `maestro compose import ${compose}`,
      details: { folder },
    },
  );
}
