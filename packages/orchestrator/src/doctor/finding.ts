/** What a check is about, in the order in which they are shown. */
export type CheckGroup =
  | 'configuration'
  | 'machine'
  | 'state'
  | 'sources'
  | 'engine'
  | 'proxy'
  | 'certificates'
  | 'image repository'
  | 'secrets'
  | 'databases'
  | 'gates and hooks'
  | 'release';

/**
 * `warning`: a deployment works, and something should be seen to. `failed`: a deployment would fail, or what is live is not
 * well. `skipped`: there is nothing of the kind, or what it needs failed already.
 */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one check says. */
export interface Judgement {
  readonly status: CheckStatus;
  /** In words; never a secret. */
  readonly message: string;
  /** The next command to type; absent where nothing is wrong. */
  readonly fix?: string;
}

/** What one check found; JSON-safe. */
export interface CheckFinding extends Judgement {
  /** Such as `engine-version`. */
  readonly check: string;
  readonly group: CheckGroup;
  /** The code of the error that the check met; absent for none. */
  readonly code?: string;
}

/** The progress of an examination. */
export interface CheckEvent {
  readonly type: 'check-finished';
  readonly finding: CheckFinding;
}

/** Whether an environment can be deployed to, as far as can be told without doing so. */
export interface Examination {
  readonly environment: string;
  /** In the order of their groups. */
  readonly findings: readonly CheckFinding[];
}

export function ok(message: string): Judgement {
  return { status: 'ok', message };
}

export function warning(message: string, fix: string): Judgement {
  return { status: 'warning', message, fix };
}

export function failed(message: string, fix: string): Judgement {
  return { status: 'failed', message, fix };
}

export function skipped(message: string): Judgement {
  return { status: 'skipped', message };
}
