import { delimiter, join } from 'node:path';

import { type Clock, systemClock } from '@maestro/core';

import { type PublishablePackage, publishablePackages } from './publishable-packages.ts';
import { runProgram } from './run-program.ts';

export interface PackPackagesOptions {
  /** The tree whose packages are built and packed; the builds go to their `dist`. */
  readonly root: string;
  /** An existing folder that gets the tarballs. */
  readonly into: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface PackedPackage extends PublishablePackage {
  /** Path of its tarball. */
  readonly tarball: string;
}

const buildDeadlineMs = 15 * 60_000;
const packDeadlineMs = 2 * 60_000;

/**
 * Builds every package that is published and packs each into a tarball, as `npm publish` would. What was built from the
 * same sources before is not built again. Throws RELEASE_PROGRAM_FAILED.
 */
export async function packPackages(options: PackPackagesOptions): Promise<readonly PackedPackage[]> {
  const { root, into, clock = systemClock, signal } = options;
  const packages = await publishablePackages(root);
  await buildPackages({ root, packages, clock, signal });
  const packed: PackedPackage[] = [];
  for (const found of packages) {
    const { stdout } = await runProgram({
      program: 'npm',
      args: ['pack', found.folder, '--pack-destination', into, '--json', '--ignore-scripts'],
      folder: into,
      deadlineMs: packDeadlineMs,
      clock,
      signal,
    });
    const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }];
    packed.push({ ...found, tarball: join(into, filename) });
  }
  return packed;
}

export interface BuildPackagesOptions {
  readonly root: string;
  readonly packages: readonly PublishablePackage[];
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Builds what was not built from the same sources before. */
export async function buildPackages({ root, packages, clock, signal }: BuildPackagesOptions): Promise<void> {
  const names = packages.map(({ manifest }) => manifest.name).join(',');
  await runProgram({
    program: join(root, 'node_modules', '.bin', 'nx'),
    // Building changes nothing but `dist`: without --skipSync nx would mend project references.
    args: ['run-many', '-t', 'build', `--projects=${names}`, '--skipSync', '--outputStyle=static'],
    folder: root,
    environment: toolEnvironment(root),
    deadlineMs: buildDeadlineMs,
    clock,
    signal,
  });
}

/** The tools are scripts for the first `node` they find, which has to be the project's own. */
export function toolEnvironment(root: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    NX_DAEMON: 'false',
    FORCE_COLOR: '0',
  };
}
