import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { alternatingUsers, openSecrets, rotateSecret, type Secrets, watchSecrets } from '../../src/index.ts';
import { FakeSecretsManager } from '../../src/testing.ts';
import { type DatabaseUsers, mysqlDatabaseUsers, postgresqlDatabaseUsers } from './database-users.ts';

const name = 'database';
const timeout = 60_000;
/** Of each client, before and after each rotation. */
const requests = 25;
const passwords = { api: 'first-password', api_clone: 'never-given-out' };
const refusals = ['28P01', 'ER_ACCESS_DENIED_ERROR'];

/** Somebody who sends one request after the other, each over a connection of its own, which has to log in. */
class Client {
  served = 0;
  readonly refused: string[] = [];
  readonly failed: unknown[] = [];
  readonly users = new Set<string>();
  readonly #query: DatabaseUsers['queryAs'];
  readonly #secrets: Secrets;
  readonly #onRefusal: 'reads again' | 'gives up';
  readonly #running: Promise<void>;
  #isOver = false;
  #login: { readonly username: string; readonly password: string } | undefined;

  constructor(
    { queryAs }: DatabaseUsers,
    { secrets, onRefusal }: { readonly secrets: Secrets; readonly onRefusal: 'reads again' | 'gives up' },
  ) {
    this.#query = queryAs;
    this.#secrets = secrets;
    this.#onRefusal = onRefusal;
    this.#running = this.#run();
  }

  forgetLogin(): void {
    this.#secrets.invalidate(name);
    this.#login = undefined;
  }

  /** Waits until this many more requests have been answered. */
  async serves(count: number): Promise<void> {
    const goal = this.served + count;
    while (this.served < goal && this.failed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#request();
        this.served += 1;
      } catch (error) {
        this.failed.push(error);
        return;
      }
    }
  }

  async #request(): Promise<void> {
    const login = (this.#login ??= await this.#read());
    try {
      await this.#query(login.username, login.password, 'SELECT 1');
      this.users.add(login.username);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!refusals.includes(code)) throw error;
      this.refused.push(code);
      if (this.#onRefusal === 'gives up') throw error;
      this.forgetLogin();
      await this.#request();
    }
  }

  async #read() {
    return JSON.parse((await this.#secrets.get(name)).reveal()) as { username: string; password: string };
  }
}

function recordRotations(times: number, clients: readonly Client[]): void {
  const failed = clients.reduce((sum, client) => sum + client.failed.length, 0);
  recordFaults({
    promised: 'no request is dropped',
    fault: "rotation of a database's login under load",
    times,
    checked: { requests: clients.reduce((sum, { served }) => sum + served, failed) },
    wrong: { 'failed requests': failed },
  });
}

function describeLoad(users: () => DatabaseUsers): void {
  const scenario = async () => {
    await users().add(passwords);
    const fake = new FakeSecretsManager();
    const first = fake.set(name, JSON.stringify({ username: users().nameOf('api'), password: passwords.api }));
    const store = fake.store();
    const strategy = alternatingUsers({ database: users().database, probe: 'SELECT 1' });
    const rotate = (versionsInUse: readonly string[] = []) => rotateSecret({ store, name, strategy, versionsInUse });
    const client = (onRefusal: 'reads again' | 'gives up') =>
      new Client(users(), { secrets: openSecrets({ store }), onRefusal });
    const names = { first: users().nameOf('api'), second: users().nameOf('api_clone') };
    return { first, store, rotate, client, names };
  };

  it('a slot that has read at its start and one that watches see no refusal', { timeout }, async () => {
    const { first, store, rotate, client, names } = await scenario();
    const old = client('gives up');
    const watching = client('gives up');
    const onChange = () => {
      watching.forgetLogin();
    };
    await using _watch = watchSecrets({ store, names: [name], onChange, intervalMs: 50 });
    await Promise.all([old.serves(requests), watching.serves(requests)]);

    await rotate([first]);
    await Promise.all([old.serves(requests), watching.serves(requests)]);
    while (!watching.users.has(names.second) && watching.failed.length === 0) await watching.serves(1);
    expect([...old.users]).toEqual([names.first]);

    // The other one is rotated only after the old slot has stopped.
    await expect(rotate([first])).rejects.toMatchObject({ code: 'SECRETS_IN_USE' });
    await old.serves(requests);
    await old.end();
    await rotate();
    await watching.serves(requests);
    await watching.end();
    recordRotations(2, [old, watching]);
    expect([old.refused, watching.refused, old.failed, watching.failed]).toEqual([[], [], [], []]);
    expect([...watching.users].sort()).toEqual([names.first, names.second]);
  });

  it('a pool that reads again when it is refused serves every request, whatever is rotated', { timeout }, async () => {
    const { rotate, client, names } = await scenario();
    const pool = client('reads again');
    await pool.serves(requests);
    for (let times = 0; times < 4; times += 1) {
      await rotate();
      await pool.serves(requests);
    }
    await pool.end();
    recordRotations(4, [pool]);
    expect(pool.failed).toEqual([]);
    // It learns of a rotation only by being refused, at every second one, or before the next where it read too early.
    expect(pool.refused.length).toBeGreaterThanOrEqual(2);
    expect(pool.refused.length).toBeLessThanOrEqual(3);
    expect([...pool.users].sort()).toEqual([names.first, names.second].sort());
  });

  it('four that rotate at once, again and again, leave a login that works', { timeout }, async () => {
    const { store, rotate } = await scenario();
    for (let times = 0; times < 5; times += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => rotate()));
      const { current } = (await store.describe(name))?.stages ?? {};
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') expect(outcome.value.version).toBe(current);
        else expect(outcome.reason).toMatchObject({ code: 'SECRETS_CONFLICT' });
      }
      const { username, password } = JSON.parse(
        (await store.fetch([name])).found.get(name)?.value.reveal() ?? '{}',
      ) as Record<'username' | 'password', string>;
      await users().queryAs(username, password, 'SELECT 1');
    }
  });
}

describeWith('under load on PostgreSQL', ['postgresql'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    users = await postgresqlDatabaseUsers(parts().postgresql.url);
  });
  afterAll(() => users[Symbol.asyncDispose]());
  describeLoad(() => users);
});

describeWith('under load on MariaDB', ['mariadb'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    users = await mysqlDatabaseUsers(parts().mariadb.url);
  });
  afterAll(() => users[Symbol.asyncDispose]());
  describeLoad(() => users);
});
