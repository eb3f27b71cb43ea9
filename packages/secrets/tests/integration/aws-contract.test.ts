import { randomUUID } from 'node:crypto';

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Redacted } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, afterEach, beforeEach, describe, it, vi } from 'vitest';

import { awsStore } from '../../src/aws.ts';
import {
  FakeSecretsManager,
  managedSecretStoreContract,
  secretStoreContract,
  type SecretsManagerServer,
  serveSecretsManager,
} from '../../src/testing.ts';

const region = 'eu-central-1';

function stubCredentials(keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string }) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', keys.sessionToken);
}

describe("AWS's client on the strict fake", () => {
  let server: SecretsManagerServer;
  let fake: FakeSecretsManager;
  beforeEach(async () => {
    stubCredentials({ accessKeyId: 'AKIDFAKE', secretAccessKey: 'fake', sessionToken: 'fake' });
    fake = new FakeSecretsManager();
    server = await serveSecretsManager(fake);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server[Symbol.asyncDispose]();
  });

  const create = (secrets: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(secrets)) fake.set(`shop/${name}`, value);
    const store = awsStore({ regions: [region], prefix: 'shop/', endpoint: server.endpoint });
    return Promise.resolve({
      store,
      put: (name: string, value: string) => {
        fake.set(`shop/${name}`, value);
        return Promise.resolve();
      },
      delete: (name: string) => {
        fake.delete(`shop/${name}`);
        return Promise.resolve();
      },
    });
  };
  for (const { name, run } of [...secretStoreContract(create), ...managedSecretStoreContract(create)]) it(name, run);
});

/** Where moto 5.2.1 is not like the service: each must fail, so that the list ends when moto is mended. */
const motoIsOtherwise: ReadonlySet<string> = new Set([
  // It takes values for a secret that is marked for deletion.
  'says of what is marked for deletion that it is, and gives it again once it is restored',
  // It says that the secret is there.
  'does not create over what is marked for deletion, and says so',
  // It gives a label to a second version where the caller does not say from where it is to be taken.
  'lets one of eight win that put a pending value at once',
]);

describeWith("AWS's client on moto", ['aws'], (parts) => {
  let client: SecretsManagerClient;
  beforeEach(() => {
    stubCredentials(parts().aws.credentials);
    client = new SecretsManagerClient({ region, endpoint: parts().aws.endpoint });
  });
  afterEach(() => {
    client.destroy();
    vi.unstubAllEnvs();
  });

  const create = async (secrets: Readonly<Record<string, string>>) => {
    const prefix = `${randomUUID()}/`;
    for (const [name, value] of Object.entries(secrets)) {
      await client.send(new CreateSecretCommand({ Name: prefix + name, SecretString: value }));
    }
    return {
      store: awsStore({ regions: [region], prefix, endpoint: parts().aws.endpoint }),
      put: async (name: string, value: string) => {
        await client.send(new PutSecretValueCommand({ SecretId: prefix + name, SecretString: value }));
      },
      delete: async (name: string) => {
        await client.send(new DeleteSecretCommand({ SecretId: prefix + name }));
      },
    };
  };
  for (const { name, run } of [...secretStoreContract(create), ...managedSecretStoreContract(create)]) {
    const test = motoIsOtherwise.has(name) ? it.fails : it;
    test(name, run);
  }
});

const liveRegion = process.env.MAESTRO_TEST_AWS_LIVE;

/** There is such a key only where somebody has made it, and lists lag by minutes. */
const notLive: ReadonlySet<string> = new Set([
  'describes what it created: stages, key, tags, and no value',
  'lists every secret by name, and no other',
  'lists what is marked for deletion too',
]);

/** On AWS itself, in an account that may be used; it is asked as whom its usual chain finds. */
function live(region: string): void {
  const client = new SecretsManagerClient({ region });
  const made: string[] = [];
  afterAll(async () => {
    for (const SecretId of made) {
      await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })).catch(() => undefined);
    }
    client.destroy();
  }, 120_000);

  const create = async (secrets: Readonly<Record<string, string>>) => {
    const prefix = `maestro-test/${randomUUID()}/`;
    const store = awsStore({ regions: [region], prefix });
    made.push(...new Set([...Object.keys(secrets), 'A', 'C'].map((name) => prefix + name)));
    for (const [name, value] of Object.entries(secrets)) await store.create(name, new Redacted(value));
    return {
      store,
      put: async (name: string, value: string) => {
        await store.put(name, new Redacted(value));
      },
      delete: async (name: string) => {
        await client.send(new DeleteSecretCommand({ SecretId: prefix + name, RecoveryWindowInDays: 7 }));
      },
    };
  };
  const cases = [...secretStoreContract(create), ...managedSecretStoreContract(create)];
  for (const { name, run } of cases.filter(({ name }) => !notLive.has(name))) it(name, run, 120_000);
}

if (liveRegion !== undefined && liveRegion !== '') {
  describe(`AWS's client on AWS in ${liveRegion}`, () => {
    live(liveRegion);
  });
}
