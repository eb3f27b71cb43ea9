import type { ErrorReport } from '@maestro/core';

import type { PlanStep } from './plan/plan.ts';

/** The progress of one release; JSON-safe. */
export type ReleaseEvent =
  | {
      readonly type: 'release-started';
      readonly release: string;
      readonly kind: 'deploy' | 'rollback' | 'resume' | 'abort';
      readonly environment: string;
      readonly planHash: string;
      readonly steps: readonly PlanStep[];
    }
  | { readonly type: 'step-started'; readonly release: string; readonly step: PlanStep }
  /** Something worth a line inside a step, such as a migration that was applied or a probe that failed. */
  | { readonly type: 'step-progress'; readonly release: string; readonly stepId: string; readonly message: string }
  | {
      readonly type: 'step-finished';
      readonly release: string;
      readonly step: PlanStep;
      readonly durationMs: number;
    }
  | {
      readonly type: 'step-failed';
      readonly release: string;
      readonly step: PlanStep;
      readonly durationMs: number;
      readonly error: ErrorReport;
    }
  | {
      readonly type: 'release-finished';
      readonly release: string;
      readonly outcome: 'deployed' | 'rolled-back' | 'refused' | 'restored' | 'aborted';
      readonly durationMs: number;
    };
