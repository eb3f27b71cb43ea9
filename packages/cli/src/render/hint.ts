import type { GlobalFlags } from '../parse-arguments.ts';

/** The flags that a command must repeat to mean the same environment. */
export type PlaceFlags = Pick<GlobalFlags, 'environment' | 'config'>;

const command =
  /\bmaestro (?:(?:doctor|plan|deploy|rollback|resume|abort|status|history|logs|stop)\b(?! -)|images (?:prune|history)\b(?! -)|lock (?:status|release)\b(?! -[ce] | --help)|migrate (?:run|status|rollback|repair|adopt|lint)\b(?! -[ce] | --help)|secrets (?:prepare|upload|list|diff|policy)\b(?! -[ce] | --help))/g;

/**
 * Completes the commands of a hint with the environment and configuration of this call, so that they can be typed as
 * they stand: the libraries that give hints know neither.
 */
export function completeHint(hint: string, { environment, config }: PlaceFlags): string {
  const flags = [
    ...(config === undefined ? [] : [`-c ${config}`]),
    ...(environment === undefined ? [] : [`-e ${environment}`]),
  ];
  return hint.replace(command, (found) => [found, ...flags].join(' '));
}
