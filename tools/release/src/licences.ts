import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CheckOutcome } from './api-reports.ts';
import type { Problem } from './events.ts';
import type { PublishablePackage } from './publishable-packages.ts';

/** What somebody who installs a package may be asked to accept: licences without conditions on their own code. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** An entry of `packages` in package-lock.json, by the path of its folder. */
interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  /** A package of this tree: where it is. */
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type Lock = Readonly<Record<string, LockEntry>>;

/** Whether everything that is installed with a package has a licence of the list. */
export async function checkLicences(root: string, packages: readonly PublishablePackage[]): Promise<CheckOutcome> {
  const { packages: lock } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: Lock };
  const installed = new Set<string>();
  const problems = packages.flatMap(({ shortName, manifest }) => {
    const paths = productionPaths(lock, `packages/${shortName}`);
    for (const path of paths) installed.add(path);
    return paths.flatMap((path) => complaint(manifest.name, path, lock[path]));
  });
  return { subjects: installed.size, problems };
}

function complaint(subject: string, path: string, entry: LockEntry | undefined): readonly Problem[] {
  const licence = entry?.license;
  if (licence !== undefined && isAllowed(licence)) return [];
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const message = `installs ${name}@${entry?.version ?? '?'}, which has ${licence ?? 'no licence'}`;
  const hint = `npm explain ${name}; use something else, or add its licence to tools/release/src/licences.ts`;
  return [{ subject, check: 'licences', message, hint }];
}

/** An SPDX expression of one licence, or of several of which one (OR) or each (AND) has to be allowed. */
export function isAllowed(expression: string): boolean {
  const text = expression.replaceAll(/[()]/g, '');
  return text.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => allowed.has(licence.trim())));
}

/** The folders of all that is installed with the package at `from`, found as Node finds them. */
export function productionPaths(lock: Lock, from: string): readonly string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    const { dependencies, optionalDependencies } = lock[path] ?? {};
    for (const name of Object.keys({ ...optionalDependencies, ...dependencies })) {
      const place = resolve(lock, path, name);
      // An optional one of another platform may not be in the lock.
      if (place === undefined || found.has(place)) continue;
      const own = lock[place]?.link === true ? lock[place].resolved : undefined;
      if (own === undefined) found.add(place);
      visit(own ?? place);
    }
  };
  visit(from);
  return [...found].toSorted();
}

function resolve(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in lock) return place;
    if (folder === '') return undefined;
  }
}
