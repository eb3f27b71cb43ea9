import { MaestroError } from '@maestro/core';

type ReleaseErrorCode =
  /** The local npm repository did not start. */
  | 'RELEASE_REPOSITORY_START_FAILED'
  /** A program that a release is made with (nx, npm, changeset, git …) failed or did not end in time. */
  | 'RELEASE_PROGRAM_FAILED'
  /** Publishing from a machine that is not CI, unasked. */
  | 'RELEASE_OUTSIDE_CI'
  /** There are changesets that no version has yet. */
  | 'RELEASE_UNVERSIONED'
  /** A package.json does not name the repository that signs the package. */
  | 'RELEASE_OTHER_REPOSITORY'
  | 'RELEASE_INTERRUPTED';

export type ReleaseError = MaestroError<ReleaseErrorCode>;

export function repositoryStartFailed(reason: string, cause?: unknown): ReleaseError {
  return new MaestroError('RELEASE_REPOSITORY_START_FAILED', `the local npm repository did not start: ${reason}`, {
    hint: 'npm ci, then the same command again',
    cause,
  });
}

export interface FailedProgram {
  readonly command: string;
  readonly folder: string;
  readonly reason: string;
  /** The end of what it wrote. */
  readonly output: string;
}

export function programFailed({ command, folder, reason, output }: FailedProgram): ReleaseError {
  return new MaestroError('RELEASE_PROGRAM_FAILED', `${command} ${reason}\n${output}`.trim(), {
    hint: `run it yourself: cd ${folder} && ${command}`,
    details: { command, folder },
  });
}

export function outsideOfCi(): ReleaseError {
  return new MaestroError('RELEASE_OUTSIDE_CI', 'packages are published by CI, which signs where they are from', {
    hint: 'npm run release -- --dry-run tries everything here; npm run release -- publish --outside-ci publishes unsigned',
  });
}

export function unversionedChanges(packages: readonly string[]): ReleaseError {
  return new MaestroError('RELEASE_UNVERSIONED', `there are changesets without a version for ${packages.join(', ')}`, {
    hint: 'npm run release -- version, then commit what it changed',
    details: { packages: [...packages] },
  });
}

export function otherRepository(packages: readonly string[], url: string): ReleaseError {
  return new MaestroError('RELEASE_OTHER_REPOSITORY', `${packages.join(', ')}: the repository is not ${url}`, {
    hint: `"repository": { "type": "git", "url": "${url}", "directory": "packages/…" } in each package.json`,
    details: { packages: [...packages], url },
  });
}

export function interrupted(signal: string): ReleaseError {
  return new MaestroError('RELEASE_INTERRUPTED', `stopped by ${signal}`);
}
