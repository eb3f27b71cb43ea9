import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { MaestroError } from '@maestro/core';

/** The command line's own definitions, as far as they are read here. */
export interface CommandDefinition {
  name(): string;
  description(): string;
  usage(): string;
  readonly commands: readonly CommandDefinition[];
  readonly options: readonly OptionDefinition[];
  readonly registeredArguments: readonly ArgumentDefinition[];
}

export interface OptionDefinition {
  readonly flags: string;
  readonly description: string;
  readonly argChoices?: readonly string[];
  readonly defaultValue?: unknown;
  readonly hidden: boolean;
}

interface ArgumentDefinition {
  readonly description: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly argChoices?: readonly string[];
  name(): string;
}

/** What is read of the sources of @maestro/cli, which exports nothing: it is a program. */
export interface CommandLine {
  readonly program: CommandDefinition;
  readonly examples: Readonly<Record<string, readonly string[]>>;
  readonly exitCodes: Readonly<Record<string, number>>;
  /** The exit code of a command that ends with an error of this code. */
  readonly exitCodeOf: (code: string) => number;
  /** What is wrong with arguments; null where the command line understands them. */
  readonly flawOf: (argv: readonly string[]) => string | null;
}

interface Sources {
  readonly commandLine: (streams: object, choose: () => void) => CommandDefinition;
  readonly parseArguments: (options: object) => { readonly kind: string; readonly error?: Error };
  readonly examples: CommandLine['examples'];
  readonly exitCodes: CommandLine['exitCodes'];
  readonly exitCodeOf: (failure: unknown) => number;
}

/** Loads the command line's definitions from its sources. */
export async function loadCommandLine(root: string): Promise<CommandLine> {
  const load = async (file: string) =>
    (await import(pathToFileURL(join(root, 'packages', 'cli', 'src', file)).href)) as Partial<Sources>;
  const loaded = await Promise.all(['parse-arguments.ts', 'examples.ts', 'exit-codes.ts'].map(load));
  const sources = Object.assign({}, ...loaded) as Sources;
  const silent = { write: () => true };
  const streams = { stdout: silent, stderr: silent };
  return {
    program: sources.commandLine(streams, () => undefined),
    examples: sources.examples,
    exitCodes: sources.exitCodes,
    exitCodeOf: (code) => sources.exitCodeOf(new MaestroError(code, '')),
    flawOf: (argv) => sources.parseArguments({ argv, ...streams }).error?.message ?? null,
  };
}
