import type { Clock, Logger } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';

import type { Library } from './library.ts';
import type { InputStream, OutputStream, Variables } from './terminal.ts';

/** Everything the command line needs from its process. */
export interface CliOptions {
  /** Without the program and the script. */
  readonly argv: readonly string[];
  /** What starts it: Node, its options and the script. */
  readonly program: readonly string[];
  /** The name of the user who runs it. */
  readonly user: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Variables;
  readonly clock: Clock;
  /** Aborts with `interrupted(…)` when the command is to stop and clean up. */
  readonly signal: AbortSignal;
  /** Ends that: from then on signals do to this process what they do by default, or what somebody else sees to. */
  readonly letGoOfSignals: () => void;
  /** Has this process favour memory over speed. */
  readonly favourMemory: () => void;
  readonly openEnvironment: OpenEnvironment;
  readonly library: Library;
}

/** Opens an environment of the project; the orchestrator's function of this name. */
export type OpenEnvironment = (options: {
  readonly config?: string;
  readonly environment: string;
  readonly logger: Logger;
}) => Promise<Environment>;
