import type { MaestroError } from '@maestro/core';

import { printedInWords } from '../commands/printed.ts';
import { OrchestratorError } from '../errors.ts';

export interface GateFailure {
  /** In words, such as `unit of api`. */
  readonly gate: string;
  /** In words, such as `npm test ended with exit code 1`. */
  readonly detail: string;
  /** What it printed last, secrets taken out. */
  readonly lines: readonly string[];
  /** The file with more of it; null where there is no more. */
  readonly log: string | null;
}

export function gateFailed({ gate, detail, lines, log }: GateFailure): OrchestratorError {
  const printed = printedInWords(lines, log);
  return new OrchestratorError('ORCHESTRATOR_GATE_FAILED', `the gate ${gate} failed: ${detail}${printed}`, {
    hint: 'mend what it says, commit, and deploy again',
    details: { gate, detail, lines: [...lines], log },
  });
}

/** Several that failed side by side, each with what it says. */
export function gatesFailed(failures: readonly MaestroError[]): MaestroError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const message = failures.map(({ message: one }) => one).join('\n');
  return new OrchestratorError('ORCHESTRATOR_GATE_FAILED', message, {
    hint: 'mend what they say, commit, and deploy again',
    details: { gates: failures.map(({ details }) => details ?? {}) },
  });
}

/** A release that a script deployed is finished without the functions that it still has to call. */
export function scriptMissing(release: string, names: readonly string[]): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_SCRIPT_MISSING',
    `release ${release} was deployed by a script, and still has to call its functions ${names.join(', ')}`,
    {
      hint: 'resume it with that script, which gives its gates and hooks to resume; or maestro abort',
      details: { release, functions: names },
    },
  );
}
