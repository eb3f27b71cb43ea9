import type { CliOptions } from './cli-options.ts';
import { exitCodes } from './exit-codes.ts';
import { parseArguments } from './parse-arguments.ts';
import { reporter } from './report.ts';
import { runCommand } from './run-command.ts';

/** Does what the arguments ask for and says how it went, in its exit code too; never rejects. */
export async function runCli(options: CliOptions): Promise<number> {
  const parsed = parseArguments(options);
  if (parsed.kind === 'answered') return exitCodes.done;

  const report = reporter({ ...options, flags: parsed.flags });
  if (parsed.kind === 'misused') return report.failure(parsed.error);
  try {
    return report.finished(await runCommand({ ...options, ...parsed }));
  } catch (error) {
    return report.failure(error);
  }
}
