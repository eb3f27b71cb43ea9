import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code this package throws; the README says what to do about each. */
export type BlueGreenErrorCode =
  | 'BLUEGREEN_CRASHED'
  | 'BLUEGREEN_DAEMON_FAILED'
  | 'BLUEGREEN_DAEMON_NOT_RUNNING'
  | 'BLUEGREEN_GENERATION_MOVED'
  | 'BLUEGREEN_GENERATION_UNREADABLE'
  | 'BLUEGREEN_HEALTH_TIMEOUT'
  | 'BLUEGREEN_PORT_IN_USE'
  | 'BLUEGREEN_SLOT_BUSY'
  | 'BLUEGREEN_SLOT_EMPTY'
  | 'BLUEGREEN_SLOT_LIVE'
  | 'BLUEGREEN_START_FAILED'
  | 'BLUEGREEN_UNKNOWN_SERVICE';

export class BlueGreenError extends MaestroError<BlueGreenErrorCode> {
  constructor(code: BlueGreenErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'BlueGreenError';
  }
}
