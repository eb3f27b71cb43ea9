/** Values that survive JSON unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What an error says besides its message; never holds a secret. */
export interface MaestroErrorOptions {
  /** The next thing to do, as a command where there is one. */
  readonly hint?: string;
  /** Facts for programs: names, paths, numbers. */
  readonly details?: Readonly<Record<string, JsonValue>>;
  /** Whether the same call may succeed later without anybody changing anything; false by default. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** An error as plain data, for JSON output and journals. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, JsonValue>>;
  readonly retryable: boolean;
}

// Two copies of this package may be loaded at once, so errors are recognised by a registered symbol, not by class.
const brand = Symbol.for('@maestro/core/error');

/** The error every Maestro package throws: branch on `code`, show `message` and `hint`. */
export class MaestroError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, JsonValue>> | undefined;
  readonly retryable: boolean;
  readonly [brand] = true;

  constructor(code: Code, message: string, options: MaestroErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MaestroError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryable = options.retryable ?? false;
  }

  toJSON(): ErrorReport {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
      retryable: this.retryable,
    };
  }
}

/** Whether a caught value is a MaestroError, with this code where one is given. */
export function isMaestroError<Code extends string>(value: unknown, code?: Code): value is MaestroError<Code> {
  if (typeof value !== 'object' || value === null || !(brand in value)) return false;
  return code === undefined || (value as MaestroError).code === code;
}

/** Turns anything caught into plain data; what is not a MaestroError gets the code `INTERNAL`. */
export function reportError(error: unknown): ErrorReport {
  if (isMaestroError(error)) return error.toJSON();
  return { code: 'INTERNAL', message: messageOf(error), retryable: false };
}

/** The message of anything caught. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
