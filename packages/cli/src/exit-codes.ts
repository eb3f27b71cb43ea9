import { reportError } from '@maestro/core';

/** What the process's exit code says; scripts and pipelines branch on it. */
export const exitCodes = {
  done: 0,
  /** The old version is untouched or restored. */
  failed: 1,
  /** Wrong usage or configuration. */
  misused: 2,
  /** Another one holds the lock, the plan is no longer the one that was seen, a gate or a check refused. */
  refused: 3,
  /** A release was cut off: resume or abort it. */
  cutOff: 4,
  /** Stopped on request, after cleaning up. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What keeps migrations from running, rather than went wrong with them. */
const migrationRefusals = [
  'ADOPTION_REFUSED',
  'BAD_FILES',
  'BATCH_REFUSED',
  'CONFLICT',
  'DRIFTED',
  'EXPAND_FIRST',
  'IRREVERSIBLE',
  'LOCKED',
  'MISSING',
  'NOTHING_TO_ADOPT',
  'PLAN_CHANGED',
  'UNFINISHED',
  'UNKNOWN',
  'UNSAFE',
];

const exitCodeByErrorCode: ReadonlyMap<string, ExitCode> = new Map<string, ExitCode>([
  ['CLI_USAGE', exitCodes.misused],
  ['CLI_INTERRUPTED', exitCodes.interrupted],
  ['BLUEGREEN_LOGS_UNTIMED', exitCodes.misused],
  ['CLI_LINT_REFUSED', exitCodes.refused],
  ['ORCHESTRATOR_BAD_DATABASE_URL', exitCodes.misused],
  ['ORCHESTRATOR_FILE_EXISTS', exitCodes.refused],
  ['ORCHESTRATOR_FILE_MISSING', exitCodes.misused],
  ['ORCHESTRATOR_NO_DATABASE', exitCodes.misused],
  ['ORCHESTRATOR_UNREADABLE_CERTIFICATE', exitCodes.misused],
  ['MIGRATIONS_BAD_NAME', exitCodes.misused],
  ['MIGRATIONS_BAD_TARGET', exitCodes.misused],
  ['MIGRATIONS_NOTHING_TO_REPAIR', exitCodes.misused],
  ...migrationRefusals.map((reason) => [`MIGRATIONS_${reason}`, exitCodes.refused] as const),
  ['ORCHESTRATOR_NO_BUILD_SECRET', exitCodes.misused],
  ['ORCHESTRATOR_NO_CONTAINERS', exitCodes.misused],
  ['ORCHESTRATOR_NO_CONTAINER_USER', exitCodes.misused],
  ['ORCHESTRATOR_NO_IMAGE_REPOSITORY', exitCodes.misused],
  ['ORCHESTRATOR_NO_ROTATION', exitCodes.misused],
  ['ORCHESTRATOR_NO_SCANNER', exitCodes.misused],
  ['ORCHESTRATOR_NO_SECRET_STORE', exitCodes.misused],
  ['ORCHESTRATOR_NO_SERVICES', exitCodes.misused],
  ['ORCHESTRATOR_SCRIPT_MISSING', exitCodes.misused],
  ['SECRETS_AMBIGUOUS_LINE', exitCodes.misused],
  ['SECRETS_COMMAND_NOT_STARTED', exitCodes.misused],
  ['SECRETS_SOURCE_UNREADABLE', exitCodes.misused],
  ['SECRETS_CONFLICT', exitCodes.refused],
  ['SECRETS_IN_USE', exitCodes.refused],
  ['SECRETS_PENDING_DELETION', exitCodes.refused],
  ['IMAGE_STORE_INVALID_REGISTRY', exitCodes.misused],
  ['IMAGE_STORE_DIRTY', exitCodes.refused],
  ['IMAGE_STORE_SCAN_REFUSED', exitCodes.refused],
  ['ORCHESTRATOR_GATE_FAILED', exitCodes.refused],
  ['ORCHESTRATOR_LOCKED', exitCodes.refused],
  ['ORCHESTRATOR_LOG_WITHHELD', exitCodes.refused],
  ['ORCHESTRATOR_PAST_CONTRACT', exitCodes.refused],
  ['ORCHESTRATOR_PLAN_CHANGED', exitCodes.refused],
  ['ORCHESTRATOR_INTERRUPTED', exitCodes.cutOff],
  ['ORCHESTRATOR_COMPENSATION_FAILED', exitCodes.cutOff],
]);

/** The exit code of a failure; that of a release which a gate refused is the gate's own. */
export function exitCodeOf(failure: unknown): ExitCode {
  const { code, details } = reportError(failure);
  if (code !== 'ORCHESTRATOR_RELEASE_REFUSED') return exitCodeFor(code);
  const reason = details?.reasonCode;
  const refused = typeof reason === 'string' && exitCodeFor(reason) === exitCodes.refused;
  return refused ? exitCodes.refused : exitCodes.failed;
}

function exitCodeFor(errorCode: string): ExitCode {
  // The registry reads the configuration and does nothing else, so whatever it reports is wrong configuration.
  if (errorCode.startsWith('REGISTRY_')) return exitCodes.misused;
  return exitCodeByErrorCode.get(errorCode) ?? exitCodes.failed;
}
