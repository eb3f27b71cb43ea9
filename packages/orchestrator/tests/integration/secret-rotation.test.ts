import { describeWith } from '@maestro/services/vitest';
import { awsStore } from '@maestro/secrets/aws';
import { watchSecrets } from '@maestro/secrets';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';

import { openEnvironment } from '../../src/index.ts';
import { configuration, createProject, server } from './project.ts';

/** Logs in as whom its URL says, each time it is asked how it is. */
const loggingIn = server.replace('process.env.TOKEN?.length', 'new URL(process.env.URL_OF_DATABASE).username');

describeWith('a rotation beside a deployment', ['aws', 'postgresql'], (parts) => {
  beforeEach(() => {
    const { credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('changes no login that an instance was started with, and services roll on it', { timeout: 120_000 }, async () => {
    await using project = await createProject();
    const { hostname: host, port, pathname, username } = new URL(parts().postgresql.url);
    const user = decodeURIComponent(username);
    const database = pathname.slice(1);
    const api = {
      ...configuration.services.api,
      secrets: ['URL_OF_DATABASE'],
      database: {
        ...{ adapter: 'postgresql', host, port: Number(port), database, user },
        // Both are there: the server asks nobody for a password, and these are changed to what nobody needs.
        rotation: { secret: 'LOGIN', adminSecret: 'ADMIN', users: [`${database}_a`, `${database}_b`] },
      },
    };
    const secrets = { source: 'aws', regions: ['eu-central-1'], endpoint: parts().aws.endpoint };
    await project.commit({
      'maestro.config.json': JSON.stringify({
        ...configuration,
        services: { api },
        environments: { demo: { ...configuration.environments.demo, secrets } },
      }),
      'services/api/server.mjs': loggingIn,
      'services/api/migrations/0001_create_orders.up.sql': `CREATE ROLE ${database}_a LOGIN;\nCREATE ROLE ${database}_b LOGIN;\n`,
      'services/api/migrations/0001_create_orders.down.sql': `DROP ROLE ${database}_a;\nDROP ROLE ${database}_b;\n`,
    });
    await project.write({
      '.env.demo': [
        `LOGIN='${JSON.stringify({ username: `${database}_a`, password: 'first' })}'`,
        `ADMIN='${JSON.stringify({ username: user, password: 'not-asked-for' })}'`,
        "URL_OF_DATABASE='postgres://{{maestro:LOGIN#username}}:{{maestro:LOGIN#password}}@db/shop'",
        '',
      ].join('\n'),
    });
    await using environment = await openEnvironment({ config: project.config, environment: 'demo' });
    await environment.secrets.upload({});
    await environment.deploy();
    expect(await project.ask('api')).toMatchObject({ slot: 'blue', token: `${database}_a` });

    const [rotated] = (await environment.secrets.rotate()).rotated;
    expect(rotated).toMatchObject({ name: 'LOGIN', outcome: 'rotated' });
    // The next one would change the password that the blue slot still logs in with.
    await expect(environment.secrets.rotate()).rejects.toMatchObject({
      code: 'SECRETS_IN_USE',
      details: { login: `${database}_a`, version: rotated?.previous },
    });

    // A program that watches the secret rolls the service.
    await using store = awsStore({ ...secrets, regions: ['eu-central-1'], prefix: 'shop/demo/' });
    const release = await new Promise((roll) => {
      const watch = watchSecrets({
        store,
        names: ['LOGIN'],
        versions: { LOGIN: rotated?.previous ?? '' },
        intervalMs: 50,
        onChange: async ([change]) => {
          expect(change).toMatchObject({ name: 'LOGIN', version: rotated?.version, before: rotated?.previous });
          roll(await environment.deploy());
        },
      });
      onTestFinished(() => watch[Symbol.asyncDispose]());
    });
    expect(release).toMatchObject({ outcome: 'deployed' });
    expect(await project.ask('api')).toMatchObject({ slot: 'green', token: `${database}_b` });
    const [again] = (await environment.secrets.rotate()).rotated;
    expect(again).toMatchObject({ previous: rotated?.version, outcome: 'resumed' });
    await environment.migrations.rollback({ service: 'api', steps: 1 });
  });
});
