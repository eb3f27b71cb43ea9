import {
  type Clock,
  createEmitter,
  type Logger,
  type Observer,
  silentLogger,
  systemClock,
  withDeadline,
} from '@maestro/core';

import type { ManagedSecretStore } from '../ports/managed-secret-store.ts';
import type { RotationStrategy } from '../ports/rotation-strategy.ts';
import { rotationTimedOut } from './errors.ts';
import { Rotation } from './rotation.ts';
import type { RotationEvent } from './rotation-event.ts';

export interface RotateSecretOptions {
  readonly store: ManagedSecretStore;
  /** Of the secret. */
  readonly name: string;
  readonly strategy: RotationStrategy;
  /**
   * Versions that running programs were started with, as releases record them. Whoever one of them logs in as keeps the
   * password.
   */
  readonly versionsInUse?: readonly string[] | undefined;
  /**
   * Makes the repetitions of a call one rotation, also after it has ended: a UUID, which becomes the version. Without it
   * each call that finds no rotation unfinished begins another.
   */
  readonly token?: string | undefined;
  /** Time for all of it; 120 000 by default. */
  readonly deadlineMs?: number | undefined;
  readonly onEvent?: Observer<RotationEvent> | undefined;
  /** Told when a pending version is replaced that cannot follow the current one. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RotatedSecret {
  readonly name: string;
  /** Was made current, by this call or one beside it. */
  readonly version: string;
  /** The one that was current before: alternating users log in with it until the next rotation. */
  readonly previous: string | undefined;
  /** `resumed`: the rotation had been begun; `unchanged`: it had been finished. */
  readonly outcome: 'rotated' | 'resumed' | 'unchanged';
}

/**
 * Gives a secret a new value: creates it aside, makes it valid where it is used, logs in with it, and only then has
 * readers get it. Stopped at any point it is finished by the next call. Throws `SECRETS_CONFLICT` when somebody else has
 * changed the secret meanwhile, `SECRETS_IN_USE` before it would change a login that is in use, `SECRETS_UNAVAILABLE`
 * after `deadlineMs`, and what the strategy and the store throw.
 */
export async function rotateSecret(options: RotateSecretOptions): Promise<RotatedSecret> {
  const { store, name, strategy, versionsInUse = [], token, onEvent, deadlineMs = 120_000, signal: outer } = options;
  const { logger = silentLogger, clock = systemClock } = options;
  const emit = createEmitter<RotationEvent>({ onEvent, clock, logger });
  return withDeadline(
    (signal) => new Rotation({ store, name, strategy, versionsInUse, token, emit, logger, signal }).run(),
    { deadlineMs, clock, signal: outer, onExpired: () => rotationTimedOut(store.name, name, deadlineMs) },
  );
}
