import type { Phase } from '../files/directives.ts';

export type Severity = 'error' | 'warning';

/** Something in a migration that should not run as it is; plain data. */
export interface Finding {
  /** The file as it was given, or its name in the folder. */
  readonly file: string;
  /** Both counted from 1, the column in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  /** The phase of the file. */
  readonly phase: Phase;
  /** An error is refused in this phase; a warning blocks somebody, or is likely to. */
  readonly severity: Severity;
  readonly why: string;
  readonly fix: string;
}
