import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';

/** The version of a dependency as it is installed, which its range in package.json does not tell. */
export async function npmVersion(name: string): Promise<string> {
  const path = findPackageJSON(name, import.meta.url);
  if (path === undefined) throw new Error(`${name} has no package.json`);
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string };
  return version;
}
