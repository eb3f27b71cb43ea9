import type { Redacted } from '@maestro/core';

import type { Slot } from '../slots.ts';
import type { ContainerSettings } from './container-settings.ts';

/** The place of an instance. */
export interface InstanceKey {
  readonly service: string;
  readonly slot: Slot;
}

/** What an instance carries with it, so that its state can be observed instead of remembered. */
export interface InstanceLabels {
  /** The id of the release that started it. */
  readonly release: string;
  /** `<repository>:<tag>`, for people. */
  readonly image: string;
  /** The image's identity. */
  readonly digest: string;
  /** Identity of everything else it was started with: command, variables, versions of secrets. */
  readonly configHash: string;
}

/** Everything a runtime needs to start an instance. */
export interface InstanceSpec extends InstanceKey, InstanceLabels {
  /** Arguments, the program first, run in the image's folder; of a container empty for what its image starts by itself. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Handed to the process in memory, by variable name; never written anywhere. */
  readonly secrets: Readonly<Record<string, Redacted>>;
  /** Copies of it that share the slot's traffic; 1 by default. */
  readonly replicas?: number | undefined;
  /** Where it listens in its container; 8080 by default. It learns of it by PORT. */
  readonly port?: number | undefined;
  readonly container?: ContainerSettings | undefined;
}

/** Where an instance answers, as seen from the router. */
export interface InstanceAddress {
  readonly host: string;
  readonly port: number;
}

/** An instance as it was found. `crashed` ended by itself, `stopped` was told to. */
export interface Instance extends InstanceKey, InstanceLabels {
  readonly state: 'running' | 'stopped' | 'crashed';
  /** One of each replica. */
  readonly addresses: readonly InstanceAddress[];
  /** How often it was started again by itself since it was started; of all replicas together. */
  readonly restarts: number;
  /** What the HEALTHCHECK of its image says, of all replicas the worst; null where it has none. */
  readonly imageHealth: 'starting' | 'healthy' | 'unhealthy' | null;
  /** ISO 8601, when its process started. */
  readonly startedAt: string;
  /** How it ended, such as `exit code 1` or `SIGKILL`; null while it runs. */
  readonly exit: string | null;
}

/** Runs instances. One contract suite holds for every adapter: `@maestro/bluegreen/testing`. */
export interface Runtime {
  /** All instances of the environment, running or not. */
  observe(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly Instance[]>;
  /**
   * Starts an instance, replacing a stopped or crashed one in its slot; the same spec twice starts it once.
   * Throws `BLUEGREEN_SLOT_BUSY` where another one runs, `BLUEGREEN_START_FAILED` when it cannot be started.
   */
  start(spec: InstanceSpec, options?: { readonly signal?: AbortSignal | undefined }): Promise<Instance>;
  /**
   * Asks an instance to end and forces it after `timeoutMs`; an instance that does not run is left as it is.
   * Throws `BLUEGREEN_SLOT_LIVE` for the slot that receives traffic.
   */
  stop(
    key: InstanceKey & { readonly timeoutMs: number },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
  /**
   * Makes an instance come back when it ends by itself, and after its machine was restarted, until it is stopped. What was not
   * asked for stays ended: a new version that crashes has failed. An empty slot is left empty.
   */
  keepRunning(key: InstanceKey, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** The last lines an instance printed, oldest first; none where nothing ever ran. */
  logs(key: InstanceKey & { readonly lines: number }): Promise<readonly string[]>;
}
