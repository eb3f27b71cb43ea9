import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a release reads of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly repository?: { readonly url?: string };
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type ExportTarget = string | { readonly types?: string; readonly default?: string };

export interface PublishablePackage {
  /** The folder in `packages`. */
  readonly shortName: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The packages of the tree at `root` that are published, by name of their folder. */
export async function publishablePackages(root: string): Promise<readonly PublishablePackage[]> {
  const folders = await readdir(join(root, 'packages'), { withFileTypes: true });
  const found = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const folder = join(root, 'packages', name);
        return { shortName: name, folder, manifest: await readManifest(folder) };
      }),
  );
  return found
    .filter(({ manifest }) => manifest.private !== true)
    .toSorted((one, other) => one.shortName.localeCompare(other.shortName));
}

export interface ModuleExport {
  /** In its package: `.`, or such as `./docker`. */
  readonly path: string;
  /** Path of its declarations. */
  readonly types: string;
}

export interface CodeExports {
  /** What programs import. */
  readonly modules: readonly ModuleExport[];
  /** Programs, exported so that they are found and started: what they declare is no module. */
  readonly programs: readonly ModuleExport[];
}

/** The code that a built package exports. */
export async function codeExports({ folder, manifest }: PublishablePackage): Promise<CodeExports> {
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
    typeof target === 'string' || target.types === undefined ? [] : [{ path, types: join(folder, target.types) }],
  );
  const texts = await Promise.all(entries.map(({ types }) => readFile(types, 'utf8')));
  const isModule = (_: ModuleExport, index: number) => /^export /m.test(texts[index] ?? '');
  return {
    modules: entries.filter(isModule),
    programs: entries.filter((entry, index) => !isModule(entry, index)),
  };
}

export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}
