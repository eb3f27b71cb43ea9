import type { Redacted } from '@maestro/core';

/** A value with the name of its secret, for messages. */
export interface NamedSecret {
  readonly name: string;
  readonly value: Redacted;
}

export interface StrategyCallOptions {
  readonly signal: AbortSignal;
}

export interface SetSecretOptions extends StrategyCallOptions {
  /**
   * Rejects when the value is no longer the one to be set. To be called where nobody else can change the same login any
   * more, right before it is changed: a process that was stopped for an hour must not undo what others did meanwhile.
   */
  readonly confirm: () => Promise<void>;
}

/** How one kind of secret is rotated. Each of these may be called again with the same values, by any process. */
export interface RotationStrategy {
  /** Makes the value that is to follow, and changes nothing yet. Throws `SECRETS_INVALID` of a value it cannot read. */
  next(current: NamedSecret, options: StrategyCallOptions): Promise<Redacted>;
  /** Whom a value logs in as: a rotation changes no login of a version that is in use. */
  loginOf(secret: NamedSecret): string;
  /** Whether a pending value that is found may become current after this one. */
  follows(pending: NamedSecret, current: NamedSecret): boolean;
  /** Makes the pending value valid where it is used. */
  set(pending: NamedSecret, options: SetSecretOptions): Promise<void>;
  /** Uses the pending value as a service would; throws `SECRETS_LOGIN_REFUSED` when it does not work. */
  test(pending: NamedSecret, options: StrategyCallOptions): Promise<void>;
}
