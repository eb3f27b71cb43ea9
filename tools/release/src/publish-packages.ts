import { isMaestroError } from '@maestro/core';

import type { PackedPackage } from './pack-packages.ts';
import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

export interface PublishPackagesOptions {
  readonly packages: readonly PackedPackage[];
  /** The folder npm is run in, whose `.npmrc` it reads. */
  readonly folder: string;
  /** Signs where and from which commit the tarballs were made; npm can do so in CI only. */
  readonly provenance: boolean;
}

const deadlineMs = 3 * 60_000;

/**
 * Publishes what the npm repository does not have yet, dependencies before dependents: one that was stopped in the middle
 * is repeated. Throws RELEASE_PROGRAM_FAILED.
 */
export async function publishPackages(
  { packages, folder, provenance }: PublishPackagesOptions,
  context: ReleaseContext,
): Promise<void> {
  for (const { manifest, tarball } of inDependencyOrder(packages)) {
    const { name, version } = manifest;
    const already = await isPublished(`${name}@${version}`, folder, context);
    if (!already) {
      const args = ['publish', tarball, '--access=public', '--ignore-scripts', `--provenance=${String(provenance)}`];
      await runProgram({ program: 'npm', args, folder, deadlineMs, ...context });
    }
    context.emit({ type: 'published', package: name, version, already });
  }
}

async function isPublished(specifier: string, folder: string, context: ReleaseContext): Promise<boolean> {
  try {
    const args = ['view', specifier, 'version', '--json'];
    const { stdout } = await runProgram({ program: 'npm', args, folder, deadlineMs, ...context });
    return stdout.trim() !== '';
  } catch (error) {
    if (isMaestroError(error) && error.message.includes('E404')) return false;
    throw error;
  }
}

/** Each package after all that it depends on. */
export function inDependencyOrder<T extends Pick<PackedPackage, 'manifest'>>(packages: readonly T[]): readonly T[] {
  const ordered = new Set<T>();
  const add = (found: T) => {
    const { dependencies, peerDependencies } = found.manifest;
    const names = Object.keys({ ...dependencies, ...peerDependencies });
    for (const other of packages) if (names.includes(other.manifest.name)) add(other);
    ordered.add(found);
  };
  for (const found of packages) add(found);
  return [...ordered];
}
