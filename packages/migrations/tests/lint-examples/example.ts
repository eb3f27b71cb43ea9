import type { SqlDialect } from '../../src/sql/dialect.ts';

/** A rule of another linter, by the name it has there. */
type Source = `${'eugene' | 'squawk' | 'strong_migrations'} ${string}`;

/** A change that should not run as it is, and the files that make the same change safely. */
export interface Example {
  readonly dialect: SqlDialect;
  /** The rule of ours that catches it. */
  readonly rule: string;
  readonly sources: readonly Source[];
  /** What the migration before says. */
  readonly given: string;
  readonly bad: string;
  /** In contract files too. */
  readonly caughtInContract: boolean;
  /** In the order they run. */
  readonly safe: readonly string[];
}

/** A rule of another linter that ours has no use for. */
export interface NotApplicable {
  readonly source: Source;
  readonly reason: string;
}

export const contract = '-- phase: contract\n';
export const alone = '-- transaction: off\n';
