import type { Problem } from './problem.ts';
import type { StepReport } from './walkthrough/run-walkthrough.ts';

/** What a check says while it runs; with --json each is a line. */
export type DocsEvent =
  /** What takes long, for people. */
  | { readonly type: 'progress'; readonly line: string }
  | { readonly type: 'walkthrough-started'; readonly file: string; readonly title: string }
  | ({ readonly type: 'step' } & StepReport)
  | { readonly type: 'walkthrough-finished'; readonly file: string; readonly durationMs: number; readonly ok: boolean }
  | { readonly type: 'generated'; readonly file: string; readonly changed: boolean }
  | DocsResult;

/** The last line. */
export type DocsResult = {
  readonly type: 'result';
  readonly ok: boolean;
  /** What was looked at, by name: links, blocks that are run, types that are checked … */
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
  /** What was not checked, and why; nothing is passed over in silence. */
  readonly notChecked: readonly Problem[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
};
