import type { ProblemPath } from '../checks/problem.ts';
import type { Position } from '../errors.ts';

/** The text of a file, by its absolute path; undefined where there is none. */
export type TextOf = (file: string) => Promise<string | undefined>;

/** What a registry file holds, unchecked. */
export interface Source {
  readonly value: unknown;
  /** Where in the file a path is, or the nearest thing around it; undefined where the file's format does not tell. */
  readonly locate: (path: ProblemPath) => Position | undefined;
}
