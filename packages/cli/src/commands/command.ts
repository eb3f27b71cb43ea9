import type { Observer } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';
import type { Command as Program } from 'commander';

import type { CliError } from '../errors.ts';
import type { CommandEvent } from '../progress/progress.ts';
import type { Style } from '../render/style.ts';

/** What a command works with. */
interface CommandContext {
  readonly environment: Environment;
  readonly onEvent: Observer<CommandEvent>;
  readonly signal: AbortSignal;
  /** What starts this command line: Node, its options and the script. */
  readonly program: readonly string[];
  /** Who runs it. */
  readonly user: string;
}

/** What a command found or did. */
export type CommandResult = ShownResult | ProgramResult;

/** The end of another program that had this process's streams; nothing is added to what it printed. */
interface ProgramResult {
  /** 128 and its number where a signal ended it. */
  readonly exitCode: number;
}

interface ShownResult {
  /** The fields of its `--json` result. */
  readonly data: object;
  /** The same for people. */
  readonly render: (style: Style) => string;
  /** Why it did not get where it was to, although there is something to show. */
  readonly failure?: CliError | undefined;
}

/** A command that was asked for, with its arguments. */
export interface Command {
  readonly name: string;
  /** Asked before it runs, for what users of the services would notice. */
  readonly question?: (environment: string) => string;
  /** Whether signals are for the program that it runs, and not to stop this one. */
  readonly ownsProcess?: boolean;
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

/** Teaches the program a command; `choose` is called when the arguments ask for it. */
export type AddCommand = (program: Program, choose: (command: Command) => void) => void;

/** The services named as arguments; undefined, which means all, when there are none. */
export function namedServices(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}
