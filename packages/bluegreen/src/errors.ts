import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code this package throws; the README says what to do about each. */
export type BlueGreenErrorCode =
  | 'BLUEGREEN_ADDRESSES_EXHAUSTED'
  | 'BLUEGREEN_CHECK_UNSUPPORTED'
  | 'BLUEGREEN_CRASHED'
  | 'BLUEGREEN_DAEMON_FAILED'
  | 'BLUEGREEN_DAEMON_NOT_RUNNING'
  | 'BLUEGREEN_ENGINE_FAILED'
  | 'BLUEGREEN_ENGINE_UNREACHABLE'
  | 'BLUEGREEN_GENERATION_MOVED'
  | 'BLUEGREEN_GENERATION_UNREADABLE'
  | 'BLUEGREEN_HEALTH_TIMEOUT'
  | 'BLUEGREEN_JOB_TIMEOUT'
  | 'BLUEGREEN_LOGS_UNTIMED'
  | 'BLUEGREEN_NETWORK_UNFIT'
  | 'BLUEGREEN_PORT_IN_USE'
  | 'BLUEGREEN_PROXY_FAILED'
  | 'BLUEGREEN_SLOT_BUSY'
  | 'BLUEGREEN_SLOT_EMPTY'
  | 'BLUEGREEN_SLOT_LIVE'
  | 'BLUEGREEN_START_FAILED'
  | 'BLUEGREEN_SWITCH_BACK_FAILED'
  | 'BLUEGREEN_TOPOLOGY_REFUSED'
  | 'BLUEGREEN_TRAFFIC_UNREADABLE'
  | 'BLUEGREEN_UNKNOWN_SERVICE';

export class BlueGreenError extends MaestroError<BlueGreenErrorCode> {
  constructor(code: BlueGreenErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'BlueGreenError';
  }
}

export function generationMoved(between: {
  readonly expected: number | null;
  readonly live: number | null;
}): BlueGreenError {
  const nameOf = (number: number | null) => (number === null ? 'no generation' : `generation ${number}`);
  return new BlueGreenError(
    'BLUEGREEN_GENERATION_MOVED',
    `the switch was planned from ${nameOf(between.expected)}, but ${nameOf(between.live)} is live`,
    { hint: 'maestro plan, then deploy again: somebody else switched in between', retryable: true },
  );
}

export function checkUnsupported(name: string, reason: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_CHECK_UNSUPPORTED', `the health of ${name} cannot be checked: ${reason}`, {
    hint: 'choose another health.kind for this environment: http, tcp, command or image',
  });
}

export function trafficUnreadable(source: string, reason: string, hint: string, cause?: unknown): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_TRAFFIC_UNREADABLE', `the traffic cannot be read from ${source}: ${reason}`, {
    hint,
    retryable: true,
    cause,
  });
}

export function slotBusy(name: string, image: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_SLOT_BUSY', `${name} already runs ${image}`, {
    hint: 'maestro status shows what runs; stop that instance first',
  });
}

export function slotLive(name: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_SLOT_LIVE', `${name} receives traffic and is not stopped`, {
    hint: 'maestro rollback, or deploy another version: then it is the idle slot',
  });
}

export function startFailed(name: string, reason: string, hint: string, cause?: unknown): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_START_FAILED', `${name} cannot be started: ${reason}`, { hint, cause });
}

export function unknownService(service: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_UNKNOWN_SERVICE', `the proxy does not know the service ${service}`, {
    hint: 'apply a topology that names it first',
  });
}

/** A mark that no reader understands must not become live. */
export function unreadableNames(problems: readonly string[]): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_UNKNOWN_SERVICE', `these services cannot be switched: ${problems.join('; ')}`, {
    hint: 'name services with lower case letters, digits and hyphens',
  });
}

export function jobTimeout(
  name: string,
  { timeoutMs, lines }: { readonly timeoutMs: number; readonly lines: readonly string[] },
): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_JOB_TIMEOUT', `${name} did not end within ${timeoutMs} ms and was ended`, {
    hint: 'see its last lines in the details, or give it more time',
    details: { timeoutMs, log: lines },
  });
}

export function slotEmpty(place: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_SLOT_EMPTY', `nothing runs in ${place}`, {
    hint: 'maestro status shows what runs where',
  });
}
