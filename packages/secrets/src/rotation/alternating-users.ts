import type { LoginDatabase } from '../ports/login-database.ts';
import type { NamedSecret, RotationStrategy } from '../ports/rotation-strategy.ts';
import { notRotatable } from './errors.ts';
import { generatedPassword } from './generated-password.ts';
import { loginIn, withLogin } from './login-document.ts';

export interface AlternatingUsersOptions {
  readonly database: LoginDatabase;
  /** The two users, with the same rights; by default the one of the secret and the same name with `_clone` behind it. */
  readonly users?: readonly [string, string] | undefined;
  /** A statement that a service must be allowed to run, such as `SELECT 1 FROM orders LIMIT 1`; it is tested too. */
  readonly probe?: string | undefined;
}

const suffix = '_clone';

/**
 * Two users of a database take turns: what changes is the password of the one that is not current, and the login before
 * stays valid until the next rotation. The secret is a JSON object with `username` and `password`.
 */
export function alternatingUsers({ database, users, probe }: AlternatingUsersOptions): RotationStrategy {
  const otherThan = (current: NamedSecret) => {
    const { username } = loginIn(current);
    const [first, second] = users ?? pairOf(username);
    if (username !== first && username !== second) {
      throw notRotatable(current.name, `the user to be ${first} or ${second}, it is ${username}`);
    }
    return username === first ? second : first;
  };
  return {
    next(current) {
      return Promise.resolve().then(() =>
        withLogin(current, { username: otherThan(current), password: generatedPassword() }),
      );
    },
    loginOf: (secret) => loginIn(secret).username,
    follows: (pending, current) => loginIn(pending).username === otherThan(current),
    set: (pending, options) => database.changePassword(loginIn(pending), options),
    test: (pending, options) => database.logIn(loginIn(pending), { ...options, probe }),
  };
}

function pairOf(username: string): readonly [string, string] {
  const first = username.endsWith(suffix) ? username.slice(0, -suffix.length) : username;
  return [first, first + suffix];
}
