import type { Logger, MaestroError, Observer } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';
import type { Command as Program } from 'commander';

import type { Library } from '../library.ts';
import type { CommandEvent } from '../progress/progress.ts';
import type { Style } from '../render/style.ts';

/** What a command works with. */
export interface CommandContext extends AnyContext {
  readonly environment: Environment;
  readonly onEvent: Observer<CommandEvent>;
  /** What starts this command line: Node, its options and the script. */
  readonly program: readonly string[];
  /** Who runs it. */
  readonly user: string;
  /** Writes a part of the result as soon as it is there, and waits for who reads slowly; false where nobody reads any more. */
  readonly show: (part: ShownPart) => Promise<boolean>;
  /** Tells people something that is neither an event nor the result, such as a warning. */
  readonly notice: (text: string) => void;
}

interface AnyContext {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What a command works with that looks at no environment. */
export interface StandaloneContext extends AnyContext {
  readonly library: Library;
}

/** What a command works with that looks at an environment which may be impossible to open. */
interface PlaceContext extends StandaloneContext {
  readonly environment: string;
  /** As it was given; looked for by default. */
  readonly config: string | undefined;
  readonly onEvent: Observer<CommandEvent>;
  readonly logger: Logger;
}

/** A line of a result that grows, such as of a log. */
interface ShownPart {
  /** For programs; the time is added. */
  readonly event: { readonly type: string };
  readonly render: (style: Style) => string;
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
  /** The same for people; null where all of it was shown already. */
  readonly render: (style: Style) => string | null;
  /** Why it did not get where it was to, although there is something to show. */
  readonly failure?: MaestroError | undefined;
}

/** A command that was asked for, with its arguments. */
export type Command = EnvironmentCommand | PlaceCommand | StandaloneCommand;

interface StandaloneCommand {
  readonly name: string;
  /** Needs no environment, and opens none. */
  readonly runAlone: (context: StandaloneContext) => Promise<CommandResult>;
}

export interface PlaceCommand {
  readonly name: string;
  readonly runAt: (context: PlaceContext) => Promise<CommandResult>;
}

export interface EnvironmentCommand {
  readonly name: string;
  /** Asked before it runs, for what users of the services would notice. */
  readonly question?: (environment: string) => string;
  /** Whether signals are for the program that it runs, and not to stop this one. */
  readonly ownsProcess?: boolean;
  /** Whether it changes nothing, so that there is nothing to clean up when it is stopped. */
  readonly onlyReads?: boolean;
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

/** Teaches the program a command; `choose` is called when the arguments ask for it. */
export type AddCommand = (program: Program, choose: (command: Command) => void) => void;

/** The services named as arguments; undefined, which means all, when there are none. */
export function namedServices(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}
