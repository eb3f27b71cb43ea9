import { type Clock, reportError } from '@maestro/core';

import type { CommandResult } from './commands/command.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import type { GlobalFlags } from './parse-arguments.ts';
import { failureReport, renderFailure } from './render/failure.ts';
import { colorsFor, type OutputStream, type Variables } from './terminal.ts';

export interface ReporterOptions {
  readonly flags: GlobalFlags;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Variables;
  readonly clock: Clock;
}

/** Writes the last word of a command; each method returns the exit code that goes with it. */
export interface Reporter {
  finished(result: CommandResult): number;
  failure(error: unknown): ExitCode;
}

/** Results go to stdout, as text or as the last line of JSON; failures are told to people on stderr in either case. */
export function reporter({ flags, stdout, stderr, env, clock }: ReporterOptions): Reporter {
  const writeResult = (result: object) => stdout.write(`${JSON.stringify({ type: 'result', ...result })}\n`);
  const tell = (error: unknown) => {
    const colors = colorsFor(stderr, env, flags.color);
    stderr.write(`${renderFailure(error, { colors, causes: flags.verbose === true, flags })}\n`);
  };
  return {
    finished: (result) => {
      if ('exitCode' in result) return result.exitCode;
      const { data, render, failure } = result;
      if (flags.json !== true) {
        const text = render({ colors: colorsFor(stdout, env, flags.color), now: clock.now() });
        if (text !== null) stdout.write(`${text}\n`);
      }
      if (failure === undefined) {
        if (flags.json === true) writeResult({ ok: true, ...data });
        return exitCodes.done;
      }
      tell(failure);
      if (flags.json === true) writeResult({ ok: false, ...data, error: failureReport(failure, flags) });
      return exitCodeOf(failure);
    },
    failure: (error) => {
      tell(error);
      if (flags.json === true) {
        const { release, outcome, databases } = reportError(error).details ?? {};
        writeResult({ ok: false, error: failureReport(error, flags), release, outcome, databases });
      }
      return exitCodeOf(error);
    },
  };
}
