import type { ProblemPath } from '../../checks/problem.ts';

/** Something of a compose file that a registry has no equivalent for, or another one than was written. */
export interface ComposeFinding {
  /** In the compose file: `services.api.privileged`. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** What it is; never a value of a variable. */
  readonly message: string;
  /** What to do instead. */
  readonly advice: string;
}

export type Report = (path: ProblemPath, message: string, advice: string) => void;
