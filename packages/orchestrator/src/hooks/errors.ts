import { printedInWords } from '../commands/printed.ts';
import { OrchestratorError } from '../errors.ts';

export interface HookFailure {
  /** In words, such as `before switch`. */
  readonly place: string;
  readonly detail: string;
  /** What it printed last, secrets taken out. */
  readonly lines: readonly string[];
  /** The file with more of it; null where there is no more. */
  readonly log: string | null;
}

export function hookFailed({ place, detail, lines, log }: HookFailure): OrchestratorError {
  const printed = printedInWords(lines, log);
  return new OrchestratorError('ORCHESTRATOR_HOOK_FAILED', `a hook ${place} failed: ${detail}${printed}`, {
    hint: 'mend the hook, then deploy again',
    details: { place, detail, lines: [...lines], log },
  });
}
