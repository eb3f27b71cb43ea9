import type { ProcessId } from './server-process.ts';

/** Where a program may be: on the PATH, or in a folder that Debian keeps off it. */
export interface Program {
  readonly name: string;
  /** Absolute; a `*` stands for any name, the last in order wins. */
  readonly folders?: readonly string[];
}

/** The path of each program of a part, by its name. */
export type ProgramPaths = Readonly<Record<string, string>>;

interface PartBase {
  readonly name: string;
  readonly title: string;
  /** Names one that is there already, before any other is looked for: an address, for `own` parts a program. */
  readonly variable: string;
  readonly programs: readonly Program[];
  /** The version of the installed program. */
  readonly version: (programs: ProgramPaths) => Promise<string>;
  /** Debian's packages that bring the programs; empty where Debian has none. */
  readonly debianPackages: readonly string[];
  /** How to get it on other systems: a sentence without a full stop, in which commands stand as typed. */
  readonly elsewhere: string;
}

export interface StartOptions {
  readonly programs: ProgramPaths;
  /** Empty, the server's own, removed after it; short enough for sockets in it. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export interface StartedServer {
  /** A URL or whatever else `ask` and suites need, with what it takes to log in. */
  readonly address: string;
  readonly processes: readonly ProcessId[];
}

interface Server {
  /** Starts it on a free port of 127.0.0.1, its data in `folder`; resolves before it answers. */
  readonly start: (options: StartOptions) => Promise<StartedServer>;
  /** The version of the server at an address, null where it does not tell; rejects while none truly answers. */
  readonly ask: (address: string, signal: AbortSignal) => Promise<string | null>;
  /**
   * Clears what ending the processes would leave, and ends those that need more than a signal. Also called when they
   * died on their own or were killed, or while the server was being started, so it may find any of it gone.
   */
  readonly clear?: (options: StartOptions) => Promise<void>;
}

/** A server that suites share, each with data of its own. */
export interface SharedPart<Suite extends AsyncDisposable = AsyncDisposable> extends PartBase {
  readonly kind: 'shared';
  readonly server: Server;
  /** Addresses where this machine may have one running that tests may use unasked. */
  readonly usualAddresses?: () => readonly string[];
  readonly openSuite: (options: { readonly address: string; readonly suite: string }) => Promise<Suite>;
  /** Removes what suites of killed runs left on the server. */
  readonly removeSuites: (options: {
    readonly address: string;
    readonly isLeftover: (name: string) => boolean;
  }) => Promise<void>;
}

/** A program that each suite runs for itself, because its configuration is the suite's data. */
export interface OwnPart<Suite extends AsyncDisposable = AsyncDisposable> extends PartBase {
  readonly kind: 'own';
  /** One with a configuration that shows it works; a tool has none. */
  readonly server?: Server;
  readonly openSuite: (options: { readonly programs: ProgramPaths; readonly folder: string }) => Promise<Suite>;
}

export type Part<Suite extends AsyncDisposable = AsyncDisposable> = SharedPart<Suite> | OwnPart<Suite>;

export type PartWithServer = Part & { readonly server: Server };

export function hasServer(part: Part): part is PartWithServer {
  return part.server !== undefined;
}
