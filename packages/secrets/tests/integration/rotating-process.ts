import { Redacted } from '@maestro/core';

import { awsStore } from '../../src/aws.ts';
import { alternatingUsers, type LoginDatabase, rotateSecret } from '../../src/index.ts';
import { mysqlUsers } from '../../src/mysql.ts';
import { postgresqlUsers } from '../../src/postgresql.ts';
import { type RotationPoint, stoppingAt } from './rotation-points.ts';

/** What the process that is to be killed is told, as JSON in its first argument. */
export interface RotatingJob {
  readonly endpoint: string;
  readonly name: string;
  readonly token: string;
  readonly kind: 'postgresql' | 'mysql';
  readonly url: string;
  /** Where it says so and waits for its end. */
  readonly point?: RotationPoint | undefined;
}

const job = JSON.parse(process.argv[2] ?? '') as RotatingJob;

function databaseOf({ kind, url }: RotatingJob): LoginDatabase {
  const { hostname: host, port, pathname, username, password } = new URL(url);
  const options = {
    address: { host, port: Number(port), database: pathname.slice(1) },
    admin: { username, password: new Redacted(password) },
  };
  return kind === 'postgresql' ? postgresqlUsers(options) : mysqlUsers(options);
}

const stop = () =>
  new Promise<never>(() => {
    setInterval(() => undefined, 60_000);
    process.stdout.write('there\n');
  });
await using store = awsStore({ regions: ['eu-central-1'], endpoint: job.endpoint });
const rotating = { store, strategy: alternatingUsers({ database: databaseOf(job) }) };
const { name, token, point } = job;
await rotateSecret({ ...(point === undefined ? rotating : stoppingAt(point, rotating, stop)), name, token });
