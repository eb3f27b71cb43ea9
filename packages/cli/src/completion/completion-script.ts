import type { Command as Program } from 'commander';

import { bashCompletion } from './bash-completion.ts';
import { describeCommands } from './described-commands.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

const scripts = { bash: bashCompletion, fish: fishCompletion, zsh: zshCompletion };

/** The completion of a program for a shell, from what it says of its own commands. */
export function completionScript(shell: keyof typeof scripts, program: Program): string {
  return scripts[shell](describeCommands(program));
}
