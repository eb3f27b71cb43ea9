import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code this package throws itself; those of the other packages pass through unchanged. */
export type OrchestratorErrorCode =
  | 'ORCHESTRATOR_COMPENSATION_FAILED'
  | 'ORCHESTRATOR_IMAGE_MISSING'
  | 'ORCHESTRATOR_INTERRUPTED'
  | 'ORCHESTRATOR_LOCKED'
  | 'ORCHESTRATOR_LOCK_LOST'
  | 'ORCHESTRATOR_NOTHING_INTERRUPTED'
  | 'ORCHESTRATOR_PLAN_CHANGED'
  | 'ORCHESTRATOR_RELEASE_REFUSED'
  | 'ORCHESTRATOR_RELEASE_UNREADABLE'
  | 'ORCHESTRATOR_STATE_UNWRITABLE';

export class OrchestratorError extends MaestroError<OrchestratorErrorCode> {
  constructor(code: OrchestratorErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'OrchestratorError';
  }
}
