import type { Environment, ReleaseResult } from '@maestro/orchestrator';

import { CliError } from '../errors.ts';
import { isSuccess } from '../render/outcomes.ts';
import { renderRelease } from '../render/release.ts';
import type { CommandResult } from './command.ts';

/** The result of a command that made a release; throws `CLI_RELEASE_FAILED` for one that did not reach its goal. */
export function releaseResult({ name }: Environment, result: ReleaseResult): CommandResult {
  const { release, outcome, reason } = result;
  if (!isSuccess(outcome)) {
    const why = reason === null ? '' : `: ${reason}`;
    const message = `release ${release ?? ''} was ${outcome} in ${name}; the old version serves${why}`;
    throw new CliError('CLI_RELEASE_FAILED', message, {
      hint: `maestro history -e ${name}`,
      details: { release, outcome },
    });
  }
  return {
    data: result,
    render: (style) => renderRelease(name, result, style),
  };
}
