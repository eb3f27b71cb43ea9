/** What a release says while it runs; with --json each is a line. */
export type ReleaseEvent =
  | { readonly type: 'step-started'; readonly title: string }
  | { readonly type: 'step-finished'; readonly title: string; readonly durationMs: number }
  | { readonly type: 'version'; readonly package: string; readonly from: string; readonly to: string }
  | { readonly type: 'tarball'; readonly package: string; readonly version: string; readonly bytes: number }
  /** `already`: the repository had this version, and it was left as it is. */
  | { readonly type: 'published'; readonly package: string; readonly version: string; readonly already: boolean }
  | { readonly type: 'trial'; readonly trial: Trial }
  | { readonly type: 'checked'; readonly check: string; readonly subjects: number }
  | { readonly type: 'problem'; readonly problem: Problem }
  | ReleaseResult;

/** A package installed alone into an empty project on one Node. */
export interface Trial {
  readonly package: string;
  /** Such as `22.23.3`. */
  readonly node: string;
  readonly ok: boolean;
  /** Whether its declarations are right for the strictest project; null where they were not looked at on this Node. */
  readonly types: boolean | null;
  readonly durationMs: number;
  /** How many exports were imported, and programs run. */
  readonly exports: number;
}

/** Something that must not be in a release. */
export interface Problem {
  /** The package or file it is about. */
  readonly subject: string;
  /** Such as `publint`, `types` or `Node 22.23.3`. */
  readonly check: string;
  readonly message: string;
  /** The next command to type. */
  readonly hint?: string | undefined;
}

/** A line of the table at the end. */
export interface PackageRow {
  readonly package: string;
  readonly from: string;
  readonly version: string;
  readonly bytes: number;
  readonly trials: readonly Trial[];
}

/** The last line. */
export type ReleaseResult =
  | {
      readonly type: 'result';
      readonly ok: boolean;
      readonly durationMs: number;
      /** Of a dry run; otherwise empty. */
      readonly packages: readonly PackageRow[];
      readonly problems: readonly Problem[];
    }
  | {
      readonly type: 'result';
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
    };
