import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

/** A package that is published, and where readers import it from. */
export interface PackageSources {
  /** The folder in `packages`. */
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  /** What readers import, and the source of it: `@maestro/secrets/aws`. */
  readonly entries: readonly { readonly name: string; readonly file: string }[];
}

interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** The packages of the repository, in the order of their names. */
export function packagesOf(root: string): readonly PackageSources[] {
  const manifests = globSync('packages/*/package.json', { cwd: root }).toSorted();
  return manifests.map((path) => {
    const folder = path.split(/[/\\]/)[1] ?? '';
    const { name, description, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    const entries = Object.entries(exports).flatMap(([subpath, target]) => {
      const source = typeof target === 'string' ? undefined : target['@maestro/source'];
      if (source === undefined) return [];
      return [
        { name: subpath === '.' ? name : `${name}/${subpath.slice(2)}`, file: join(root, 'packages', folder, source) },
      ];
    });
    return { folder, name, description, entries };
  });
}

/** The sources of a package without its tests and what is for tests of others. */
export function sourcesOf(root: string, folder: string): readonly ts.SourceFile[] {
  const src = join(root, 'packages', folder, 'src');
  return globSync('**/*.ts', { cwd: src })
    .filter((file) => !file.endsWith('.test.ts') && !/(?:^|[/\\])testing[/\\.]/.test(file))
    .toSorted()
    .map((file) => {
      const path = join(src, file);
      return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true);
    });
}
