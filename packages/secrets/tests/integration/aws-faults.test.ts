import type { ServerResponse } from 'node:http';
import { format, inspect } from 'node:util';

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isMaestroError, Redacted, reportError } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { awsStore, type AwsStoreOptions } from '../../src/aws.ts';
import { prepareSecrets } from '../../src/index.ts';
import { FakeSecretsManager, type SecretsManagerServer, serveSecretsManager } from '../../src/testing.ts';
import { answering, type Asked, AwsFront, cutting, type Reaction, throttling } from './aws-front.ts';

const regions = ['eu-central-1', 'eu-west-1'] as const;
const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDCANARYKEY',
  AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
  AWS_SESSION_TOKEN: 'canary-session-token',
};
/** What must be seen nowhere: values, and who asks. */
const canaries = ['canary', 'AKID'];

let original: FakeSecretsManager;
let server: SecretsManagerServer;
let front: AwsFront;
let logger: RecordingLogger;

const consoleMethods = ['debug', 'info', 'log', 'warn', 'error', 'trace'] as const;
/** What was said past the logger. */
const said: unknown[] = [];

beforeEach(async () => {
  said.length = 0;
  for (const method of consoleMethods) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      said.push(words);
    });
  }
  for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
  original = new FakeSecretsManager({ region: regions[0] });
  server = await serveSecretsManager(original, new FakeSecretsManager({ region: regions[1], replicaOf: original }));
  front = await AwsFront.open(server.endpoint);
  logger = new RecordingLogger();
  original.set('A', 'canary-a');
  original.set('B', 'canary-b');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await front[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const open = (options: Partial<AwsStoreOptions> = {}) =>
  awsStore({ regions: [regions[0]], endpoint: front.endpoint, logger, ...options });

/** The first so many requests get the reaction, the others go on. */
const first = (times: number, reaction: Reaction): Reaction => {
  let left = times;
  return (asked, response) => {
    const done = left > 0 ? reaction(asked, response) : undefined;
    if (done !== undefined) left -= 1;
    return done;
  };
};
const inRegion = (region: string, reaction: Reaction): Reaction => {
  return (asked, response) => (asked.region === region ? reaction(asked, response) : undefined);
};

type Store = ReturnType<typeof awsStore>;

async function moveAside(store: Store): Promise<void> {
  const { version: to } = await store.put('A', new Redacted('canary-new'), { stage: 'pending' });
  const from = (await store.describe('A'))?.stages.current;
  await store.moveStage('A', { stage: 'current', from, to });
}

/** Passes a request on, and cuts the connection instead of answering. */
async function losing(endpoint: string, asked: Asked, response: ServerResponse): Promise<void> {
  const target = `secretsmanager.${asked.action}`;
  await (await fetch(endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body: asked.body })).text();
  await cutting(asked, response);
}

function expectNoCanary(...seen: readonly unknown[]) {
  const printed = [
    inspect([...seen, logger.lines, said], { showHidden: true, depth: Infinity, maxStringLength: Infinity }),
    format('%o %j', seen, seen),
    JSON.stringify([seen.map((one) => reportError(one)), logger.lines]),
  ].join();
  for (const canary of canaries) expect(printed).not.toContain(canary);
}

it("is there to be hidden: the errors of AWS's client hold what was answered", async () => {
  front.react = answering(200, '{"SecretString":"canary');
  const client = new SecretsManagerClient({ region: regions[0], endpoint: front.endpoint, maxAttempts: 1 });
  const error: unknown = await client
    .send(new GetSecretValueCommand({ SecretId: 'A' }))
    .catch((error: unknown) => error);
  client.destroy();
  expect(() => {
    expectNoCanary(error);
  }).toThrow('canary');
});

describe('what passes', () => {
  it.each([
    ['throttling', throttling],
    ['a fault of the service', answering(500, { __type: 'InternalServiceError', message: 'canary' })],
    ['a gateway that has nobody behind it', answering(503, '<html>canary</html>')],
    ['a connection that is cut', cutting],
    ['an answer that cannot be read', answering(200, '{"SecretValues":[{"SecretString":"canary')],
  ])('is tried again: %s', async (_, reaction) => {
    front.react = first(3, reaction);
    await using store = open();
    const { found, failed } = await store.fetch(['A', 'B']);
    expect([...found.keys()]).toEqual(['A', 'B']);
    expect(failed.size).toBe(0);
    expect(front.count('BatchGetSecretValue')).toBe(4);
  });

  it.each([
    ['throttling', throttling, 'ThrottlingException'],
    [
      'a fault of the service',
      answering(500, { __type: 'InternalServiceError', message: 'canary' }),
      'InternalServiceError',
    ],
    ['a connection that is cut', cutting, 'secretsmanager:BatchGetSecretValue in eu-central-1 failed'],
    ['an answer that cannot be read', answering(200, '{"SecretString":"canary'), 'SyntaxError'],
  ])('that does not pass within the time is unavailable, and says why: %s', async (_, reaction, said) => {
    front.react = reaction;
    await using store = open({ deadlineMs: 2000 });
    const prepared = prepareSecrets({ store, services: [{ name: 'api', secrets: ['A', 'B'] }], logger });
    const error: unknown = await prepared.catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'SECRETS_UNAVAILABLE', retryable: true });
    expect(String(error)).toContain(said);
    expect(front.count('BatchGetSecretValue')).toBeGreaterThan(1);
    expectNoCanary(error);
  });

  it('is waited out at the secret that it is about', async () => {
    original.refuse('B', 'InternalServiceError');
    await using store = open({ deadlineMs: 2000 });
    const { found, failed } = await store.fetch(['A', 'B']);
    expect([...found.keys()]).toEqual(['A']);
    expect(failed.get('B')).toMatchObject({ reason: 'unavailable' });
    original.heal();
    expect((await store.fetch(['A', 'B'])).failed.size).toBe(0);
  });

  it.each([
    ['CreateSecret', (store: Store) => store.create('C', new Redacted('canary-new'))],
    ['PutSecretValue', (store: Store) => store.put('A', new Redacted('canary-new'))],
    ['UpdateSecretVersionStage', moveAside],
  ])('is written once, although the answer to %s is lost', async (action, write) => {
    const sent = server.endpoint;
    front.react = first(2, (asked, response) => (asked.action === action ? losing(sent, asked, response) : undefined));
    await using store = open();
    await write(store);
    expect(original.calls.filter((call) => call.action === action).length).toBeGreaterThan(1);
    const [name] = original.calls.find((call) => call.action === action)?.ids ?? [];
    expect((await store.fetch([name ?? ''])).found.get(name ?? '')?.value.reveal()).toBe('canary-new');
  });
});

describe('what does not pass', () => {
  it.each([
    ['AccessDeniedException', 'SECRETS_DENIED'],
    ['ExpiredTokenException', 'SECRETS_CREDENTIALS'],
    ['UnrecognizedClientException', 'SECRETS_CREDENTIALS'],
    ['ValidationException', 'SECRETS_REJECTED'],
  ])('is not tried again: %s', async (name, code) => {
    const quoted = name === 'AccessDeniedException' ? 'not authorized' : "Value 'canary' at 'secretString'";
    front.react = answering(400, { __type: name, message: quoted });
    await using store = open();
    const error: unknown = await store.fetch(['A']).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, retryable: false });
    expect(front.count('BatchGetSecretValue')).toBe(1);
    const writing: unknown = await store.put('A', new Redacted('canary-new')).catch((error: unknown) => error);
    expect(writing).toMatchObject({ code });
    expectNoCanary(error, writing);
  });

  it('is told of each secret by itself, beside those that are there', async () => {
    for (const name of ['denied', 'encrypted', 'deleted']) original.set(name, 'canary');
    original.refuse('denied', 'AccessDeniedException');
    original.refuse('encrypted', 'DecryptionFailure');
    original.delete('deleted');
    await using store = open();
    const names = ['A', 'missing', 'denied', 'encrypted', 'deleted', 'no such name?', ''];
    const { found, failed } = await store.fetch(names);
    expect([...found.keys()]).toEqual(['A']);
    expect([...failed].map(([name, { reason }]) => [name, reason])).toEqual([
      ['missing', 'missing'],
      ['denied', 'denied'],
      ['encrypted', 'undecryptable'],
      ['deleted', 'pending-deletion'],
      ['no such name?', 'missing'],
      ['', 'missing'],
    ]);
    expect(failed.get('deleted')?.hint).toContain(
      'aws secretsmanager restore-secret --secret-id deleted --region eu-central-1',
    );
    const error: unknown = await prepareSecrets({ store, services: [{ name: 'api', secrets: names }] }).catch(
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: 'SECRETS_MISSING', retryable: false });
    for (const name of ['denied', 'encrypted', 'deleted']) expect(String(error)).toContain(name);
    expectNoCanary(error, failed);
  });

  it('is said where nobody is known who asks', async () => {
    for (const name of Object.keys(credentials)) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    await using store = open();
    await expect(store.fetch(['A'])).rejects.toMatchObject({ code: 'SECRETS_CREDENTIALS' });
    expect(front.asked).toEqual([]);
  });
});

describe('another region', () => {
  it.each([
    ['is not reached', cutting],
    ['is not well', answering(500, { __type: 'InternalServiceError' })],
    ['is throttled', throttling],
  ])('answers while the first %s, with the same versions', async (_, reaction) => {
    const before = (await open().fetch(['A', 'B'])).found;
    front.react = inRegion(regions[0], reaction);
    await using store = open({ regions, deadlineMs: 3000 });
    const { found } = await store.fetch(['A', 'B']);
    expect([...found].map(([name, { value, version }]) => [name, value.reveal(), version])).toEqual(
      [...before].map(([name, { value, version }]) => [name, value.reveal(), version]),
    );
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { region: 'eu-central-1', next: 'eu-west-1', secrets: ['A', 'B'] } },
    ]);
    expectNoCanary();
  });

  it('is asked first for a while, so that not each read waits for the one that is out', async () => {
    front.react = inRegion(regions[0], cutting);
    await using store = open({ regions, deadlineMs: 3000 });
    await store.fetch(['A']);
    front.asked.length = 0;
    await store.fetch(['A']);
    expect(front.asked.map(({ region }) => region)).toEqual(['eu-west-1']);
  });

  it.each(['AccessDeniedException', 'DecryptionFailure'] as const)('is not asked after %s', async (refusal) => {
    original.refuse('A', refusal);
    await using store = open({ regions });
    expect((await store.fetch(['A', 'B', 'missing'])).failed.size).toBe(2);
    expect(front.asked.map(({ region }) => region)).toEqual(['eu-central-1']);
  });

  it('is not asked when the first denies everything', async () => {
    front.react = inRegion(regions[0], answering(400, { __type: 'AccessDeniedException', message: 'no' }));
    await using store = open({ regions });
    await expect(store.fetch(['A'])).rejects.toMatchObject({ code: 'SECRETS_DENIED' });
    expect(front.asked.map(({ region }) => region)).toEqual(['eu-central-1']);
  });

  it('that has no replica does not make a secret missing', async () => {
    front.react = (asked, response) =>
      asked.region === regions[0]
        ? cutting(asked, response)
        : answering(200, { SecretValues: [], Errors: [{ SecretId: 'A', ErrorCode: 'ResourceNotFoundException' }] })(
            asked,
            response,
          );
    await using store = open({ regions, deadlineMs: 3000 });
    const { failed } = await store.fetch(['A']);
    expect(failed.get('A')).toEqual({
      reason: 'unavailable',
      said: 'eu-west-1 has no replica of some of them that can be read',
    });
  });

  it('is asked by the ARN that the secret has there', async () => {
    front.react = inRegion(regions[0], cutting);
    await using store = open({ regions, deadlineMs: 3000 });
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:A-AbCdEf';
    const { found } = await store.fetch([arn]);
    expect(found.get(arn)?.value.reveal()).toBe('canary-a');
  });
});

describe('what secrets may be', () => {
  it('bytes, which are given in base64 and as they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    original.set('key', bytes);
    await using store = open();
    const prepared = await prepareSecrets({ store, services: [{ name: 'api', secrets: ['key'] }] });
    expect(prepared.forService('api').key?.reveal()).toBe(Buffer.from(bytes).toString('base64'));
    expect(prepared.bytesForService('api').key?.reveal()).toEqual(Buffer.from(bytes));
  });

  it('64 KiB long, and no longer', async () => {
    await using store = open();
    const largest = 'x'.repeat(65_536);
    await store.put('A', new Redacted(largest));
    expect((await store.fetch(['A'])).found.get('A')?.value.reveal()).toBe(largest);
    await expect(store.put('A', new Redacted(`${largest}x`))).rejects.toMatchObject({ code: 'SECRETS_REJECTED' });
    await expect(store.put('A', new Redacted(''))).rejects.toMatchObject({ code: 'SECRETS_REJECTED' });
    await expect(store.create('a name?', new Redacted('x'))).rejects.toMatchObject({ code: 'SECRETS_REJECTED' });
  });

  it('on several pages of one batch', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `P${index}`);
    const paging = new FakeSecretsManager({ pageSize: 3 });
    for (const name of names.slice(1)) paging.set(name, `canary ${name}`);
    await using pages = await serveSecretsManager(paging);
    await using store = open({ endpoint: pages.endpoint });
    const { found, failed } = await store.fetch(names);
    expect([...found.keys()]).toEqual(names.slice(1));
    expect(failed.get('P0')?.reason).toBe('missing');
    expect(paging.calls).toHaveLength(7);
  });
});

it('gives up when it is told to, while AWS does not answer', async () => {
  front.react = () => new Promise(() => undefined);
  await using store = open();
  const stop = new AbortController();
  const fetched = store.fetch(['A'], { signal: stop.signal });
  await vi.waitUntil(() => front.asked.length > 0);
  stop.abort(new Error('stopped by the operator'));
  const error: unknown = await fetched.catch((error: unknown) => error);
  expect(error).toMatchObject({ message: 'stopped by the operator' });
  expect(isMaestroError(error)).toBe(false);
});
