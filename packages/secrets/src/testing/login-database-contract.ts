import assert from 'node:assert/strict';

import { isMaestroError, Redacted, reportError } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { DatabaseLogin, LoginDatabase } from '../ports/login-database.ts';

/** A database of a test's own, and its users by the names that the test gave them. */
export interface LoginDatabaseSubject {
  readonly database: LoginDatabase;
  /** The name that a user has in the database, made of the one that the test gave. */
  readonly nameOf: (user: string) => string;
}

/** Makes users with these passwords. */
type Create = (passwords: Readonly<Record<string, string>>) => Promise<LoginDatabaseSubject>;

const { signal } = new AbortController();
const agreed = { confirm: () => Promise.resolve(), signal };

/** What every database whose passwords are rotated promises. */
export function loginDatabaseContract(create: Create): readonly ContractCase[] {
  return [...changing(create), ...refusing(create), ...hostile(create)];
}

function changing(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'lets a user in with the new password, and no longer with the old one',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password', other: 'untouched' });
        await database.logIn(login(nameOf('api'), 'old-password'), { signal });
        await database.changePassword(login(nameOf('api'), 'new-password'), agreed);
        await database.logIn(login(nameOf('api'), 'new-password'), { signal });
        await refused(database, login(nameOf('api'), 'old-password'));
        await database.logIn(login(nameOf('other'), 'untouched'), { signal });
      },
    },
    {
      name: 'changes nothing when the change is not confirmed, and throws what it is told',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password' });
        const confirm = () => Promise.reject(new Error('somebody was faster'));
        const changed = database.changePassword(login(nameOf('api'), 'new-password'), { confirm, signal });
        await assert.rejects(changed, { message: 'somebody was faster' });
        await database.logIn(login(nameOf('api'), 'old-password'), { signal });
      },
    },
    {
      name: 'lets nobody else change a password between the confirmation and the change',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password' });
        const order: string[] = [];
        const [entered, enter] = signalled();
        const [left, leave] = signalled();
        const first = database.changePassword(login(nameOf('api'), 'by-the-first'), {
          async confirm() {
            order.push('first');
            enter();
            await left;
          },
          signal,
        });
        await entered;
        const second = database.changePassword(login(nameOf('api'), 'by-the-second'), {
          confirm() {
            order.push('second');
            return database.logIn(login(nameOf('api'), 'by-the-first'), { signal });
          },
          signal,
        });
        // Several times as long as the second one needs to get to its confirmation where nobody is in its way.
        for (let times = 0; times < 5; times += 1) {
          await database.logIn(login(nameOf('api'), 'old-password'), { signal });
        }
        assert.deepEqual(order, ['first']);
        leave();
        await Promise.all([first, second]);
        assert.deepEqual(order, ['first', 'second']);
        await database.logIn(login(nameOf('api'), 'by-the-second'), { signal });
      },
    },
    {
      name: 'sets a password again without harm',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password' });
        for (let times = 0; times < 2; times += 1) {
          await database.changePassword(login(nameOf('api'), 'new-password'), agreed);
        }
        await database.logIn(login(nameOf('api'), 'new-password'), { signal });
      },
    },
  ];
}

function refusing(create: Create): readonly ContractCase[] {
  return [
    {
      name: 'names a user that is not there, and never a password',
      async run() {
        const { database, nameOf } = await create({});
        const changed = database.changePassword(login(nameOf('nobody'), 'canary-password'), agreed);
        await assert.rejects(changed, (error) => {
          assert.ok(isMaestroError(error, 'SECRETS_LOGIN_MISSING'), String(error));
          assert.ok(error.message.includes('nobody'));
          assert.ok(!JSON.stringify(reportError(error)).includes('canary'));
          return true;
        });
      },
    },
    {
      name: 'tells of a wrong password that it was refused, and not what it was',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password' });
        const error = await refused(database, login(nameOf('api'), 'canary-password'));
        assert.ok(error.message.includes('api'));
        assert.ok(!JSON.stringify(reportError(error)).includes('canary'));
      },
    },
  ];
}

/** Names and passwords that end a quote, a statement or an escape where somebody has not taken care. */
const hostileNames = ['quote\'s"both', 'back\\slash', '`tick`', "'; DROP TABLE x; --", 'ü ☃', "a\\'b"];
const hostilePasswords = [
  "it's",
  '"double"',
  'back\\slash\\',
  "\\'",
  "'; DROP ROLE x; --",
  '$1 ? :a %s ${x}',
  "''",
  '`',
];

function hostile(create: Create): readonly ContractCase[] {
  return [
    ...hostileNames.map((name) => ({
      name: `changes the password of the user ${name} and of no other`,
      async run() {
        const { database, nameOf } = await create({ [name]: 'old-password', api: 'untouched' });
        await database.changePassword(login(nameOf(name), 'new-password'), agreed);
        await database.logIn(login(nameOf(name), 'new-password'), { signal });
        await database.logIn(login(nameOf('api'), 'untouched'), { signal });
      },
    })),
    {
      name: 'sets passwords with every character that has a meaning somewhere',
      async run() {
        const { database, nameOf } = await create({ api: 'old-password' });
        for (const password of hostilePasswords) {
          await database.changePassword(login(nameOf('api'), password), agreed);
          await database.logIn(login(nameOf('api'), password), { signal });
        }
      },
    },
  ];
}

function signalled(): readonly [Promise<void>, () => void] {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}

function login(username: string, password: string): DatabaseLogin {
  return { username, password: new Redacted(password) };
}

async function refused(database: LoginDatabase, by: DatabaseLogin) {
  const error: unknown = await database.logIn(by, { signal }).catch((thrown: unknown) => thrown);
  assert.ok(isMaestroError(error, 'SECRETS_LOGIN_REFUSED'), String(error));
  return error;
}
