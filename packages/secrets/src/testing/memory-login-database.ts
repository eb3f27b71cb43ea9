import type { DatabaseLogin, LogInOptions, LoginDatabase } from '../ports/login-database.ts';
import type { SetSecretOptions } from '../ports/rotation-strategy.ts';
import { loginMissing, loginRefused } from '../rotation/errors.ts';

/** The users of a database in memory. */
export class MemoryLoginDatabase implements LoginDatabase {
  readonly name = 'memory';
  readonly #passwords: Map<string, string>;
  /** Who waits to change a user's password, behind whom. */
  readonly #turns = new Map<string, Promise<void>>();

  /** @param passwords - by user */
  constructor(passwords: Readonly<Record<string, string>>) {
    this.#passwords = new Map(Object.entries(passwords));
  }

  async changePassword({ username, password }: DatabaseLogin, { confirm, signal }: SetSecretOptions): Promise<void> {
    const before = this.#turns.get(username) ?? Promise.resolve();
    const change = before.then(async () => {
      signal.throwIfAborted();
      if (!this.#passwords.has(username)) throw loginMissing(this.name, username, 'pass it to the constructor');
      await confirm();
      this.#passwords.set(username, password.reveal());
    });
    this.#turns.set(
      username,
      change.catch(() => undefined),
    );
    await change;
  }

  async logIn({ username, password }: DatabaseLogin, { signal }: LogInOptions): Promise<void> {
    signal.throwIfAborted();
    if (!this.accepts(username, password.reveal())) {
      throw loginRefused(this.name, username, 'cannot log in', 'another password');
    }
    return Promise.resolve();
  }

  /** Whether somebody could log in. */
  accepts(username: string, password: string): boolean {
    return this.#passwords.get(username) === password;
  }
}
