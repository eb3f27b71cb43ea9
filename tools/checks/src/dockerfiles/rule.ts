import type { ReadDockerfile } from './read-dockerfile.ts';

/** One of hadolint's, by its number. */
export interface Rule {
  readonly code: string;
  readonly message: string;
  /** The lines that break it. */
  readonly check: (dockerfile: Pick<ReadDockerfile, 'stages'>) => readonly number[];
}
