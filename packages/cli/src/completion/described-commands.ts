import type { Command as Program, Option } from 'commander';

/** A command as shells complete it; the program itself has an empty path. */
export interface DescribedCommand {
  /** Such as `images build`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Its own and those of what is above it. */
  readonly options: readonly DescribedOption[];
  /** What its first argument may be, where that is a choice. */
  readonly choices: readonly string[];
  /** Whether its first argument is a file. */
  readonly takesFile: boolean;
}

export interface DescribedOption {
  /** `-f`, `--follow` */
  readonly names: readonly string[];
  readonly description: string;
  /** Null for a flag. */
  readonly value: { readonly choices: readonly string[]; readonly isFile: boolean } | null;
}

/** The program and every command below it, as its own definitions have them. */
export function describeCommands(program: Program): readonly DescribedCommand[] {
  return describe(program, [], []);
}

function describe(
  command: Program,
  path: readonly string[],
  above: readonly DescribedOption[],
): readonly DescribedCommand[] {
  const options = [...command.options.map(describeOption), ...above];
  const [argument] = command.registeredArguments;
  const own: DescribedCommand = {
    path: path.join(' '),
    commands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
    options,
    choices: argument?.argChoices ?? [],
    takesFile: argument?.name() === 'file',
  };
  return [own, ...command.commands.flatMap((one) => describe(one, [...path, one.name()], options))];
}

function describeOption({ short, long, description, required, optional, flags, argChoices }: Option): DescribedOption {
  const names = [short, long].filter((name) => name !== undefined);
  const isFile = /<(?:file|dir|folder)>/.test(flags);
  return { names, description, value: required || optional ? { choices: argChoices ?? [], isFile } : null };
}
