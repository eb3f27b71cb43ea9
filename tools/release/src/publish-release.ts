import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkTarball } from './check-tarball.ts';
import { otherRepository, outsideOfCi, unversionedChanges } from './errors.ts';
import type { Problem } from './events.ts';
import { inTurn } from './in-turn.ts';
import { packPackages } from './pack-packages.ts';
import { publishablePackages } from './publishable-packages.ts';
import { publishPackages } from './publish-packages.ts';
import { type ReleaseContext, step } from './release-context.ts';
import { requestedBumps } from './version-packages.ts';

export interface PublishReleaseOptions {
  readonly root: string;
  /** Publish from a person's machine, without provenance. */
  readonly outsideCi: boolean;
}

/**
 * Publishes every package of the tree at `root` whose version the npm repository does not have. Throws
 * RELEASE_OUTSIDE_CI, RELEASE_UNVERSIONED, RELEASE_OTHER_REPOSITORY, RELEASE_PROGRAM_FAILED.
 */
export async function publishRelease(
  { root, outsideCi }: PublishReleaseOptions,
  context: ReleaseContext,
): Promise<{ readonly packages: readonly []; readonly problems: readonly Problem[] }> {
  const inCi = process.env.GITHUB_ACTIONS === 'true';
  if (!inCi && !outsideCi) throw outsideOfCi();
  const requested = await requestedBumps(root);
  if (requested.size > 0) throw unversionedChanges([...requested.keys()]);
  if (inCi) await checkRepository(root, process.env.GITHUB_REPOSITORY ?? '');

  const folder = await mkdtemp(join(tmpdir(), 'maestro-publish-'));
  try {
    const packages = await step(context, 'build and pack', () => packPackages({ root, into: folder, ...context }));
    const found = await step(context, 'publint and attw', () =>
      inTurn(packages, 1, (each) => checkTarball(each, root, context)),
    );
    const problems = found.flat();
    for (const problem of problems) context.emit({ type: 'problem', problem });
    if (problems.length === 0) {
      await step(context, 'publish', () => publishPackages({ packages, folder, provenance: inCi }, context));
    }
    return { packages: [], problems };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** npm takes a signature only for packages that name the repository which signs. */
async function checkRepository(root: string, repository: string): Promise<void> {
  const packages = await publishablePackages(root);
  const others = packages.filter(({ manifest }) => manifest.repository?.url !== repositoryUrl(repository));
  const names = others.map(({ manifest }) => manifest.name);
  if (names.length > 0) throw otherRepository(names, repositoryUrl(repository));
}

function repositoryUrl(repository: string): string {
  return `git+https://github.com/${repository}.git`;
}
