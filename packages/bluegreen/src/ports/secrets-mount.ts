import type { Redacted } from '@maestro/core';

import type { Slot } from '../slots.ts';

/** Secrets that a container is about to need. */
export interface SecretsRequest {
  readonly service: string;
  /** The id of the release that the container is started for. */
  readonly release: string;
  /** Null for a job. */
  readonly slot: Slot | null;
  readonly secrets: Readonly<Record<string, Redacted>>;
  readonly signal?: AbortSignal | undefined;
}

/** How a container gets its secrets without their being in its environment, its command or on a disk. */
export interface SecretsMount {
  /** A volume in memory that holds them already. */
  readonly volume: string;
  readonly target: string;
  /** Variables that say where they are, never what they are: `{ DB_PASSWORD_FILE: '/run/secrets/DB_PASSWORD' }`. */
  readonly fileVariables: Readonly<Record<string, string>>;
  /** What stands before the command, for a program that reads its environment; nothing by default. */
  readonly entrypoint?: readonly string[] | undefined;
}

/** Brings secrets to where containers can mount them, before these are created. */
export type MountSecrets = (request: SecretsRequest) => Promise<SecretsMount>;
