import type { LoadReport } from './load-report.ts';
import type { MaestroEvent } from './maestro-process.ts';
import type { StepRelease } from './verdict.ts';

/** What the demo says while it runs; with --json each is a line. */
export type DemoEvent =
  /** What takes long before the story begins: installing, making a base image. */
  | { readonly type: 'preparing'; readonly message: string }
  | { readonly type: 'demo-started'; readonly folder: string }
  | { readonly type: 'step-started'; readonly title: string }
  /** A line of the command line's own progress. */
  | { readonly type: 'maestro'; readonly event: MaestroEvent }
  | { readonly type: 'step-finished'; readonly release: StepRelease }
  /** What the users saw during the step and a while after it. */
  | { readonly type: 'load'; readonly title: string; readonly report: LoadReport }
  | {
      readonly type: 'kept';
      readonly folder: string;
      readonly url: string | null;
      readonly commands: readonly string[];
    }
  | { readonly type: 'warning'; readonly message: string }
  | DemoResult;

/** The last line. */
export type DemoResult =
  | {
      readonly type: 'result';
      readonly ok: boolean;
      readonly requests: number;
      readonly failedRequests: number;
      readonly slowestMs: number;
      readonly posts: number;
      readonly versions: Readonly<Record<string, number>>;
      readonly switches: number;
      readonly rollbackMs: number;
      readonly releases: readonly StepRelease[];
      readonly problems: readonly string[];
    }
  | {
      readonly type: 'result';
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined };
    };
