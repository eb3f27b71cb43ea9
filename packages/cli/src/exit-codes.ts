/** What the process's exit code says; scripts and pipelines branch on it. */
export const exitCodes = {
  done: 0,
  /** The old version is untouched or restored. */
  failed: 1,
  /** Wrong usage or configuration. */
  misused: 2,
  /** Another deployment holds the lock, the plan is no longer the one that was seen, a gate refused. */
  refused: 3,
  /** A release was cut off: resume or abort it. */
  cutOff: 4,
  /** Stopped on request, after cleaning up. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const exitCodeByErrorCode: ReadonlyMap<string, ExitCode> = new Map([
  ['CLI_USAGE', exitCodes.misused],
  ['CLI_INTERRUPTED', exitCodes.interrupted],
  ['ORCHESTRATOR_NO_BUILD_SECRET', exitCodes.misused],
  ['ORCHESTRATOR_NO_IMAGE_REPOSITORY', exitCodes.misused],
  ['ORCHESTRATOR_NO_SCANNER', exitCodes.misused],
  ['IMAGE_STORE_DIRTY', exitCodes.refused],
  ['IMAGE_STORE_SCAN_REFUSED', exitCodes.refused],
  ['ORCHESTRATOR_LOCKED', exitCodes.refused],
  ['ORCHESTRATOR_PLAN_CHANGED', exitCodes.refused],
  ['ORCHESTRATOR_INTERRUPTED', exitCodes.cutOff],
  ['ORCHESTRATOR_COMPENSATION_FAILED', exitCodes.cutOff],
]);

/** The exit code of a failure with this error code. */
export function exitCodeFor(errorCode: string): ExitCode {
  // The registry reads the configuration and does nothing else, so whatever it reports is wrong configuration.
  if (errorCode.startsWith('REGISTRY_')) return exitCodes.misused;
  return exitCodeByErrorCode.get(errorCode) ?? exitCodes.failed;
}
