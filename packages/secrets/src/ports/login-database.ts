import type { Redacted } from '@maestro/core';

import type { SetSecretOptions, StrategyCallOptions } from './rotation-strategy.ts';

export interface DatabaseLogin {
  readonly username: string;
  readonly password: Redacted;
}

export interface LogInOptions extends StrategyCallOptions {
  /** A statement that a service must be allowed to run, such as `SELECT 1 FROM orders LIMIT 1`. */
  readonly probe?: string | undefined;
}

/** A database whose users' passwords are changed. Users are never made and rights never given. */
export interface LoginDatabase {
  /** The place as operators know it, without credentials. */
  readonly name: string;
  /**
   * Gives a user this password, for the whole time as the only one that does so to this user. Throws
   * `SECRETS_LOGIN_MISSING` where there is no such user, `SECRETS_DATABASE_FAILED`, and what `confirm` throws.
   */
  changePassword(login: DatabaseLogin, options: SetSecretOptions): Promise<void>;
  /** Logs in anew; throws `SECRETS_LOGIN_REFUSED` where that or the probe is refused, and `SECRETS_DATABASE_FAILED`. */
  logIn(login: DatabaseLogin, options: LogInOptions): Promise<void>;
}
