interface FaultOptions {
  /** The engine's answer, where it refused the request as a whole. */
  readonly status?: number;
  /** Whether the engine did not get to say how it ended. */
  readonly broken?: boolean;
  readonly cause?: unknown;
}

/** What went wrong between this package and an engine that answered; translated before it leaves the adapter. */
export class EngineFault extends Error {
  readonly status: number | undefined;
  readonly broken: boolean;

  constructor(message: string, { status, broken = false, cause }: FaultOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EngineFault';
    this.status = status;
    this.broken = broken;
  }

  /** The registry that the engine asked did not accept who it asked as. */
  get isAboutLogin(): boolean {
    return /unauthorized|authentication required|no basic auth credentials|access.* denied|\bdenied\b|incorrect username/i.test(
      this.message,
    );
  }

  /** The registry that the engine asked may answer otherwise soon. */
  get isPassing(): boolean {
    return /timeout|timed out|connection (?:refused|reset)|no such host|EOF|toomanyrequests|deadline exceeded|HTTP (?:status|code):? ?(?:429|5\d\d)/i.test(
      this.message,
    );
  }
}

/** An answer that proves nothing: it may have been done or not. */
export function brokenAnswer(why: string, cause?: unknown): EngineFault {
  return new EngineFault(why, { broken: true, cause });
}
