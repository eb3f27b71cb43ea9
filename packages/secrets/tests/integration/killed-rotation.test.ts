import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { alternatingUsers, rotateSecret } from '../../src/index.ts';
import { FakeSecretsManager, serveSecretsManager } from '../../src/testing.ts';
import { AwsFront } from './aws-front.ts';
import { type DatabaseUsers, mysqlDatabaseUsers, postgresqlDatabaseUsers } from './database-users.ts';
import type { RotatingJob } from './rotating-process.ts';
import { rotationPoints } from './rotation-points.ts';

const program = fileURLToPath(new URL('rotating-process.ts', import.meta.url));
const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
const timeout = 60_000;
const passwords = { api: 'first-password', api_clone: 'never-given-out' };

/** A secret in the strict fake, and the users of a database that it is about. */
async function scenario(users: DatabaseUsers) {
  await users.add(passwords);
  const fake = new FakeSecretsManager();
  const name = 'database';
  const first = fake.set(name, JSON.stringify({ username: users.nameOf('api'), password: passwords.api }));
  const server = await serveSecretsManager(fake);
  const token = crypto.randomUUID();
  const store = fake.store();
  const { kind, url, database } = users;
  const job = (endpoint: string): RotatingJob => ({ endpoint, name, token, kind, url });
  const canLogIn = async (stage: 'current' | 'previous') => {
    const { found } = await store.fetch([name], { pins: new Map([[name, { stage }]]) });
    const login = JSON.parse(found.get(name)?.value.reveal() ?? '{}') as { username: string; password: string };
    await users.queryAs(login.username, login.password, 'SELECT 1');
    return login.username;
  };
  return {
    server,
    job,
    expectUsable: async () => {
      const { current = '' } = (await store.describe(name))?.stages ?? {};
      expect([first, token]).toContain(current);
      await canLogIn('current');
    },
    expectConverged: async () => {
      const strategy = alternatingUsers({ database });
      const { version } = await rotateSecret({ store, name, token, strategy });
      expect(version).toBe(token);
      expect((await store.describe(name))?.stages).toMatchObject({ current: token, previous: first });
      expect(await canLogIn('current')).toBe(users.nameOf('api_clone'));
      expect(await canLogIn('previous')).toBe(users.nameOf('api'));
    },
  };
}

function start(job: RotatingJob) {
  return spawn(process.execPath, [...flags, program, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** After both the current login and the one before it have been used. */
function recordKill(): void {
  recordFaults({
    promised: 'secrets stay secret',
    fault: 'rotation killed (SIGKILL) at a point, or at a request to the store',
    times: 1,
    checked: { logins: 3 },
    wrong: { 'logins that do not work': 0 },
  });
}

function describeKills(users: () => DatabaseUsers): void {
  it.each(rotationPoints)(
    '%s: readers get a login that works, and the next call finishes it',
    async (point) => {
      const { server, job, expectUsable, expectConverged } = await scenario(users());
      await using _server = server;
      const child = start({ ...job(server.endpoint), point });
      const closed = once(child, 'close');
      await Promise.race([once(child.stdout, 'data'), closed]);
      child.kill('SIGKILL');
      await closed;
      expect(child.signalCode).toBe('SIGKILL');
      await expectUsable();
      await expectConverged();
      recordKill();
    },
    timeout,
  );
}

const credentials = { AWS_ACCESS_KEY_ID: 'AKIDFAKE', AWS_SECRET_ACCESS_KEY: 'fake', AWS_SESSION_TOKEN: 'fake' };

function stubCredentials(): void {
  for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
}

describeWith('a rotation on PostgreSQL whose process is killed', ['postgresql'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    stubCredentials();
    users = await postgresqlDatabaseUsers(parts().postgresql.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await users[Symbol.asyncDispose]();
  });
  describeKills(() => users);

  it('at any of its requests to the store is finished by the next call', { timeout: 5 * timeout }, async () => {
    for (let number = 0; ; number += 1) {
      const { server, job, expectUsable, expectConverged } = await scenario(users);
      await using _server = server;
      await using front = await AwsFront.open(server.endpoint);
      const child = start(job(front.endpoint));
      front.react = (_, response) => {
        if (front.asked.length !== number + 1) return undefined;
        child.kill('SIGKILL');
        // Half of them arrive all the same.
        if (number % 2 === 1) return undefined;
        response.socket?.destroy();
        return Promise.resolve();
      };
      await once(child, 'close');
      await expectUsable();
      await expectConverged();
      if (child.signalCode !== null) recordKill();
      if (child.signalCode === null) {
        expect(child.exitCode).toBe(0);
        expect(number).toBeGreaterThan(8);
        return;
      }
    }
  });
});

describeWith('a rotation on MariaDB whose process is killed', ['mariadb'], (parts) => {
  let users: DatabaseUsers;
  beforeAll(async () => {
    stubCredentials();
    users = await mysqlDatabaseUsers(parts().mariadb.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await users[Symbol.asyncDispose]();
  });
  describeKills(() => users);
});
