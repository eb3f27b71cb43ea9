import type { LoginDatabase } from '../ports/login-database.ts';
import type { RotationStrategy } from '../ports/rotation-strategy.ts';
import { generatedPassword } from './generated-password.ts';
import { loginIn, withLogin } from './login-document.ts';

export interface SingleUserOptions {
  readonly database: LoginDatabase;
  /** A statement that a service must be allowed to run; it is tested too. */
  readonly probe?: string | undefined;
}

/**
 * One user gets another password. From then on until the new version is current and read, nobody can log in with the
 * secret: for users that nothing runs with, or nothing that does not try again.
 */
export function singleUser({ database, probe }: SingleUserOptions): RotationStrategy {
  return {
    next(current) {
      return Promise.resolve().then(() => {
        const { username } = loginIn(current);
        return withLogin(current, { username, password: generatedPassword() });
      });
    },
    loginOf: (secret) => loginIn(secret).username,
    follows: (pending, current) => loginIn(pending).username === loginIn(current).username,
    set: (pending, options) => database.changePassword(loginIn(pending), options),
    test: (pending, options) => database.logIn(loginIn(pending), { ...options, probe }),
  };
}
