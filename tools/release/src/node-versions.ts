import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

export interface NodeVersion {
  /** Such as `22.23.3`. */
  readonly version: string;
  /** The folder of its `node`, to be first in PATH. */
  readonly binaries: string;
}

/** The oldest line that packages promise to run on, the one they are made with, and the newest. */
export const testedNodes = ['22.23.3', '24.21.0', '26.12.1'];

const deadlineMs = 5 * 60_000;

/** Installs one Node from the npm repository of `npmrc`, where it is a package for each platform. */
export async function installNode(
  version: string,
  { folder, npmrc }: { readonly folder: string; readonly npmrc: string },
  { clock, signal }: ReleaseContext,
): Promise<NodeVersion> {
  const own = join(folder, `node-${version}`);
  await mkdir(own);
  await writeFile(join(own, '.npmrc'), npmrc);
  await writeFile(join(own, 'package.json'), '{"private":true}');
  const name = `node-${process.platform}-${process.arch}`;
  const args = ['install', `${name}@${version}`, '--prefer-offline', '--loglevel=error'];
  await runProgram({ program: 'npm', args, folder: own, deadlineMs, clock, signal });
  return { version, binaries: join(own, 'node_modules', name, 'bin') };
}
