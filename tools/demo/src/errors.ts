import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every way the demo cannot go on; what it finds out about Maestro is a problem in its result instead. */
export type DemoErrorCode =
  | 'DEMO_INTERRUPTED'
  | 'DEMO_LOAD_BROKEN'
  | 'DEMO_MAESTRO_SILENT'
  | 'DEMO_MAESTRO_TIMEOUT'
  | 'DEMO_PROJECT_BROKEN'
  | 'DEMO_STEP_FAILED';

export class DemoError extends MaestroError<DemoErrorCode> {
  constructor(code: DemoErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'DemoError';
  }
}
