import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code this package throws itself; those of the other packages pass through unchanged. */
export type OrchestratorErrorCode =
  | 'ORCHESTRATOR_BAD_DATABASE_URL'
  | 'ORCHESTRATOR_COMPENSATION_FAILED'
  | 'ORCHESTRATOR_IMAGE_MISSING'
  | 'ORCHESTRATOR_INTERRUPTED'
  | 'ORCHESTRATOR_LOCKED'
  | 'ORCHESTRATOR_LOCK_LOST'
  | 'ORCHESTRATOR_NO_BUILD_SECRET'
  | 'ORCHESTRATOR_NO_CONTAINERS'
  | 'ORCHESTRATOR_NO_CONTAINER_USER'
  | 'ORCHESTRATOR_NO_DATABASE'
  | 'ORCHESTRATOR_NO_IMAGE_REPOSITORY'
  | 'ORCHESTRATOR_NO_ROTATION'
  | 'ORCHESTRATOR_NO_SCANNER'
  | 'ORCHESTRATOR_NO_SECRET_STORE'
  | 'ORCHESTRATOR_NOTHING_INTERRUPTED'
  | 'ORCHESTRATOR_PLAN_CHANGED'
  | 'ORCHESTRATOR_RELEASE_REFUSED'
  | 'ORCHESTRATOR_RELEASE_UNREADABLE'
  | 'ORCHESTRATOR_STATE_UNWRITABLE'
  | 'ORCHESTRATOR_UNKNOWN_RELEASE'
  | 'ORCHESTRATOR_UNREADABLE_CERTIFICATE'
  | 'ORCHESTRATOR_VERSION_WORSE';

export class OrchestratorError extends MaestroError<OrchestratorErrorCode> {
  constructor(code: OrchestratorErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'OrchestratorError';
  }
}
