import type { CommandLine } from '../command-line.ts';
import { type ShellCommand, shellCommands } from './shell-commands.ts';

export interface KnownCommands {
  readonly commandLine: Pick<CommandLine, 'flawOf'>;
  /** Names of the scripts in the repository's package.json. */
  readonly scripts: ReadonlySet<string>;
}

export interface CommandsReport {
  /** Commands that were compared with a definition. */
  readonly checked: number;
  /** Programs of others, which only a reader's machine has. */
  readonly others: readonly string[];
  readonly flaws: readonly { readonly line: number; readonly message: string }[];
}

/** Compares each `maestro …` and `npm run …` of a shell block that is not run with what there is. */
export function checkCommands(text: string, known: KnownCommands): CommandsReport {
  const others = new Set<string>();
  const flaws: { line: number; message: string }[] = [];
  let checked = 0;
  for (const command of shellCommands(text)) {
    const flaw = flawOf(command, known);
    if (flaw === undefined) {
      others.add(command.words[0] ?? '');
      continue;
    }
    checked += 1;
    if (flaw !== null) flaws.push({ line: command.line, message: `${command.words.join(' ')}: ${flaw}` });
  }
  return { checked, others: [...others], flaws };
}

/** Null for a right command, undefined for one that nothing is known about. */
function flawOf({ words }: ShellCommand, { commandLine, scripts }: KnownCommands): string | null | undefined {
  const [program = '', ...args] = words[0] === 'npx' ? words.slice(1) : words;
  if (/^(?:.*\/)?maestro$/.test(program)) return commandLine.flawOf(args.filter((word) => word !== '…'));
  if (program !== 'npm') return undefined;
  const [action = '', script = '', dashes, ...rest] = args;
  if (action === 'test' || action === 't') return scripts.has('test') ? null : 'there is no script test';
  if (action !== 'run') return undefined;
  if (!scripts.has(script)) return `there is no script ${script} in package.json`;
  return script === 'maestro' && dashes === '--' ? commandLine.flawOf(rest) : null;
}
