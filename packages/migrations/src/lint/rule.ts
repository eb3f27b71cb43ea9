import type { Directives } from '../files/directives.ts';
import type { SqlDialect } from '../sql/dialect.ts';
import type { KnownSchema } from './known-schema.ts';
import type { OperationKind, OperationOf, Statement } from './operations.ts';

/**
 * What a finding is about, which decides how grave it is:
 * `breaks` the version that is still running, an error in expand and fine in contract; `blocks` readers or writers, a
 * warning; `fails` on the server, `loses` data or is `unclear`, errors; `advice`, a warning.
 */
export type Harm = 'advice' | 'blocks' | 'breaks' | 'fails' | 'loses' | 'unclear';

export interface RuleContext {
  readonly dialect: SqlDialect;
  readonly directives: Directives;
  /** As it is before the operation. */
  readonly schema: KnownSchema;
  readonly statement: Statement;
  /** All statements of the file. */
  readonly all: readonly Statement[];
  /** Which of them it is. */
  readonly index: number;
  /** Tables in use that statements before this one keep from others, where the file is one transaction. */
  readonly locked: ReadonlySet<string>;
  /** Tables in use that statements before this one read from end to end. */
  readonly scanned: ReadonlySet<string>;
  /** MySQL's `foreign_key_checks`. */
  readonly foreignKeyChecks: boolean;
}

export interface Complaint {
  readonly why: string;
  readonly fix: string;
}

type Checks = {
  readonly [K in OperationKind]?: (operation: OperationOf<K>, context: RuleContext) => Complaint | undefined;
};

export interface Rule {
  /** What findings and `-- lint: allow` call it. */
  readonly name: string;
  readonly harm: Harm;
  readonly checks?: Checks;
  /** Looks at a statement as a whole, before its operations. */
  readonly statement?: (context: RuleContext) => Complaint | undefined;
}
