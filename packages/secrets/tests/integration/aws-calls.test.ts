import { randomUUID } from 'node:crypto';

import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

import { awsStore } from '../../src/aws.ts';
import { openSecrets, prepareSecrets } from '../../src/index.ts';
import { AwsFront } from './aws-front.ts';

const region = 'eu-central-1';
const prefix = `${randomUUID()}/`;
const names = Array.from({ length: 100 }, (_, index) => `S${index}`);

describeWith('calls to moto', ['aws'], (parts) => {
  let front: AwsFront;
  beforeAll(async () => {
    const { endpoint, credentials } = parts().aws;
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    const client = new SecretsManagerClient({ region, endpoint });
    for (const name of names) {
      await client.send(new CreateSecretCommand({ Name: prefix + name, SecretString: `value of ${name}` }));
    }
    client.destroy();
    front = await AwsFront.open(endpoint);
  });
  afterEach(() => {
    front.asked.length = 0;
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await front[Symbol.asyncDispose]();
  });

  const open = () => awsStore({ regions: [region], prefix, endpoint: front.endpoint });

  it.each([
    [1, 1],
    [20, 1],
    [21, 2],
    [40, 2],
    [41, 3],
    [100, 5],
  ])('for %i secrets are %i', async (count, calls) => {
    await using store = open();
    const secrets = names.slice(0, count);
    const prepared = await prepareSecrets({ store, services: [{ name: 'api', secrets }] });
    const values = Object.entries(prepared.forService('api')).map(([name, value]) => [name, value.reveal()]);
    expect(values).toEqual(secrets.map((name) => [name, `value of ${name}`]));
    expect(front.asked.map(({ action }) => action)).toEqual(Array.from({ length: calls }, () => 'BatchGetSecretValue'));
  });

  it('are no more for the versions that a plan was made with, while they are current', async () => {
    await using store = open();
    const services = [
      { name: 'api', secrets: names.slice(0, 60) },
      { name: 'worker', secrets: names.slice(40) },
    ];
    const { versions } = await prepareSecrets({ store, services });
    front.asked.length = 0;
    expect((await prepareSecrets({ store, services, versions })).versions).toEqual(versions);
    expect(front.asked).toHaveLength(5);
  });

  it('are 1 for 10 000 reads of a secret at the same time, and 5 for reads of 100 secrets', async () => {
    await using store = open();
    const secrets = openSecrets({ store });
    const reads = await Promise.all(Array.from({ length: 10_000 }, () => secrets.get('S0')));
    expect(new Set(reads.map((value) => value.reveal()))).toEqual(new Set(['value of S0']));
    expect(front.asked).toHaveLength(1);
    secrets.invalidate();
    await Promise.all(names.map((name) => secrets.get(name)));
    expect(front.asked).toHaveLength(6);
  });
});
