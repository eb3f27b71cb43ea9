import { access, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path/posix';

import type { FoundService } from './found-service.ts';
import { type DockerfileFacts, readDockerfile } from './read-dockerfile.ts';
import { type PackageFacts, readPackage } from './read-package.ts';

/** Folders whose folders may be services. */
const parents = ['services', 'apps', 'packages'];

/** What of a project's dependencies tells which database it has; the first that is found counts. */
const clients = [
  { adapter: 'postgresql', pattern: /^(?:pg|pg-promise|postgres)$|psycopg|asyncpg|jackc\/pgx|lib\/pq/ },
  { adapter: 'mysql', pattern: /^(?:mysql2?|mariadb)$|pymysql|mysqlclient|aiomysql|go-sql-driver\/mysql/i },
  { adapter: 'sqlite', pattern: /^(?:better-sqlite3|sqlite3?)$|aiosqlite|go-sqlite3|modernc\.org\/sqlite/ },
] as const;

/**
 * Looks for services one folder below `services`, `apps` and `packages`, or else in the folder itself: a Dockerfile, a
 * package.json with a start script, a pyproject.toml or a go.mod. In the order of their names.
 */
export async function findServices(folder: string, project: string): Promise<readonly FoundService[]> {
  const below = await Promise.all(
    parents.map(async (parent) => (await foldersIn(join(folder, parent))).map((name) => join(parent, name))),
  );
  const found = await Promise.all(below.flat().map((context) => describe(folder, context, basename(context))));
  const services = found.filter((one) => one !== undefined);
  if (services.length > 0) return withOwnNames(services);
  const root = await describe(folder, '.', project);
  return root === undefined ? [] : [root];
}

/** As names of the registry are written; undefined for what gives none. */
export function nameOf(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 41)
    .replace(/-+$/, '');
  return name === '' ? undefined : name;
}

async function describe(folder: string, context: string, called: string): Promise<FoundService | undefined> {
  const read = (file: string) => readFile(join(folder, context, file), 'utf8').catch(() => undefined);
  const [node, docker, python, go] = await Promise.all(
    ['package.json', 'Dockerfile', 'pyproject.toml', 'go.mod'].map(read),
  );
  const ofPackage = node === undefined ? undefined : readPackage(node);
  const ofImage = docker === undefined ? undefined : readDockerfile(docker);
  const command = await commandOf({ folder: join(folder, context), ofPackage, ofImage, python, go });
  const name = nameOf(called);
  // A package that is neither started nor built is for others to use.
  if (name === undefined || (command === null && ofImage === undefined)) return undefined;
  const dependencies = [...(ofPackage?.dependencies ?? []), ...lines(python), ...lines(go)];
  return {
    name,
    context,
    command,
    dockerfile: ofImage === undefined ? null : join(context, 'Dockerfile'),
    port: ofImage?.port ?? ofPackage?.port ?? null,
    database: databaseOf(dependencies),
    hasMigrations: await isThere(join(folder, context, 'migrations')),
    needsPackages: dependencies.length > 0,
  };
}

interface Started {
  readonly folder: string;
  readonly ofPackage: PackageFacts | undefined;
  readonly ofImage: DockerfileFacts | undefined;
  readonly python: string | undefined;
  readonly go: string | undefined;
}

async function commandOf({ folder, ofPackage, ofImage, python, go }: Started): Promise<readonly string[] | null> {
  const known = ofPackage?.command ?? ofImage?.command ?? null;
  if (known !== null) return known;
  if (go !== undefined) return ['go', 'run', '.'];
  if (python === undefined) return null;
  for (const file of ['main.py', 'app.py', 'src/main.py']) {
    if (await isThere(join(folder, file))) return ['python3', file];
  }
  return null;
}

function databaseOf(dependencies: readonly string[]): FoundService['database'] {
  return clients.find(({ pattern }) => dependencies.some((one) => pattern.test(one)))?.adapter ?? null;
}

/** Those of two parents may have the same name. */
function withOwnNames(services: readonly FoundService[]): readonly FoundService[] {
  const count = (name: string) => services.filter((one) => one.name === name).length;
  const named = services.map((one) =>
    count(one.name) === 1 ? one : { ...one, name: nameOf(one.context) ?? one.name },
  );
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) =>
    entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules' ? [entry.name] : [],
  );
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').filter((line) => line.trim() !== '');
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
