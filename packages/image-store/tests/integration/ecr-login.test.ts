import { randomBytes } from 'node:crypto';

import { type Clock, isMaestroError, systemClock } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { ecrCredentials, type EcrCredentialsOptions } from '../../src/ecr.ts';
import { type CredentialSource, openOciImageStore } from '../../src/oci.ts';
import { EcrFront, failing, saying } from './ecr-front.ts';
import { answering, changing, RegistryFront } from './registry-front.ts';
import { imageOf, newNamespace, repository } from './registry-images.ts';

const fetching = 'GetAuthorizationToken';
const hourMs = 3_600_000;
const encoded = (text: string) => Buffer.from(text).toString('base64');

// moto 5.2.1 gives out the same token each time, one that has expired: the front makes it another one that has not.
describeWith('the login to Amazon ECR', ['aws', 'image-repository'], (parts) => {
  let ecr: EcrFront;
  let registry: RegistryFront;
  /** Every token that was given out. */
  let tokens: string[];
  /** The headers that the registry accepts. */
  let accepted: Set<string>;
  let accepting = true;
  let lifetimeMs = 12 * hourMs;
  const logger = new RecordingLogger();

  beforeEach(async () => {
    tokens = [];
    accepted = new Set();
    accepting = true;
    lifetimeMs = 12 * hourMs;
    ecr = await EcrFront.open(parts().aws);
    ecr.react(
      fetching,
      changing((answer) => ({ ...answer, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: given() })),
    );
    registry = await RegistryFront.open(parts()['image-repository'].address, ({ headers }) => {
      if (accepting && accepted.has(headers.authorization ?? '')) return undefined;
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="ecr",service="ecr.amazonaws.com"' } };
    });
  });
  afterEach(async () => {
    await registry[Symbol.asyncDispose]();
    await ecr[Symbol.asyncDispose]();
  });

  function given(): string {
    const token = randomBytes(16).toString('hex');
    tokens.push(token);
    const authorizationToken = Buffer.from(`AWS:${token}`).toString('base64');
    accepted.add(`Basic ${authorizationToken}`);
    return JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: (Date.now() + lifetimeMs) / 1000 }] });
  }

  const source = (options: EcrCredentialsOptions = {}) =>
    ecrCredentials({ region: ecr.region, endpoint: ecr.endpoint, ...options });
  const open = (credentials: CredentialSource) => {
    const namespace = newNamespace(parts()['image-repository'].prefix);
    return openOciImageStore({ registry: registry.origin, namespace, credentials, logger });
  };
  const find = (store: ReturnType<typeof open>) => store.resolve({ repository, reference: 'latest' });
  const expectNoSecretIn = (said: unknown) => {
    const headers = [...accepted].map((header) => header.replace('Basic ', ''));
    ecr.expectNoSecretIn([said, logger.lines], [...tokens, ...headers]);
  };
  const failureOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    expectNoSecretIn(error);
    return isMaestroError(error) ? error.code : error;
  };
  const twenty = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, work));

  it('lets images be stored and found', async () => {
    const store = open(source());
    const { digest } = await store.put(await imageOf('in ECR'));
    expect(await find(store)).toMatchObject({ digest });
    expect(tokens).toHaveLength(1);
    expectNoSecretIn(source());
  });

  it('is one token for twenty requests and stores at the same time', async () => {
    const credentials = source();
    await twenty(() => find(open(credentials)));
    expect(tokens).toHaveLength(1);
  });

  it('is renewed once for twenty requests when the registry refuses it', async () => {
    const store = open(source());
    await find(store);
    accepted.clear();
    await twenty(() => find(store));
    expect(tokens).toHaveLength(2);
  });

  it('is renewed once for twenty new stores when the registry refuses it', async () => {
    const credentials = source();
    await find(open(credentials));
    accepted.clear();
    await twenty(() => find(open(credentials)));
    expect(tokens).toHaveLength(2);
  });

  it('is renewed some minutes before it expires', async () => {
    let skippedMs = 0;
    const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs };
    const credentials = source({ clock });
    const login = await credentials('registry.test');
    skippedMs = 11.9 * hourMs;
    expect(await credentials('registry.test')).toBe(login);
    skippedMs = 11.95 * hourMs;
    expect(await credentials('registry.test')).not.toBe(login);
    expect(tokens).toHaveLength(2);
  });

  it('is asked for each time where AWS gives out what has expired', async () => {
    lifetimeMs = -hourMs;
    const credentials = source();
    await twenty(() => credentials('registry.test'));
    expect(tokens).toHaveLength(1);
    await credentials('registry.test');
    expect(tokens).toHaveLength(2);
  });

  it('fails, after one more token, where the registry accepts none', async () => {
    const store = open(source());
    await find(store);
    accepting = false;
    expect(await failureOf(find(store))).toBe('IMAGE_STORE_UNAUTHORIZED');
    expect(tokens).toHaveLength(2);
  });

  it('is for the region that the registry’s host names, and for no other registry', async () => {
    const credentials = ecrCredentials({ endpoint: ecr.endpoint });
    expect(await credentials('registry-1.docker.io')).toBeUndefined();
    expect(await credentials(new URL(ecr.registry).host)).toMatchObject({ username: 'AWS' });
    await credentials(new URL(ecr.registry).host.replace(ecr.region, 'us-east-1'));
    expect(tokens).toHaveLength(2);
  });

  it.each([
    ['the account may not', () => failing('AccessDeniedException'), 'IMAGE_STORE_DENIED'],
    ['AWS does not know who asks', () => failing('UnrecognizedClientException'), 'IMAGE_STORE_CREDENTIALS'],
    ['AWS is overloaded', () => failing('ServerException', 'no', 503), 'IMAGE_STORE_UNREACHABLE'],
    ['the answer holds no token', () => saying({ authorizationData: [] }), 'IMAGE_STORE_UNEXPECTED_ANSWER'],
    [
      'the token is none',
      () => saying({ authorizationData: [{ authorizationToken: encoded(given().replaceAll(':', '')) }] }),
      'IMAGE_STORE_UNEXPECTED_ANSWER',
    ],
    [
      'the token is of bytes that no header holds',
      () => saying({ authorizationData: [{ authorizationToken: encoded('\u0000:\ufffd') }] }),
      'IMAGE_STORE_UNEXPECTED_ANSWER',
    ],
    [
      'the answer breaks off in the token',
      () => answering({ status: 200, body: given().slice(0, 60) }),
      'IMAGE_STORE_UNEXPECTED_ANSWER',
    ],
  ])('fails where %s', async (_, reaction, code) => {
    ecr.react(fetching, reaction());
    expect(await failureOf(find(open(source())))).toBe(code);
  });

  it('repeats no secret that AWS repeats', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = parts().aws.credentials;
    const message = `not for ${accessKeyId}, ${secretAccessKey}, ${sessionToken}`;
    ecr.react(fetching, failing('SomethingNew', message));
    expect(await failureOf(find(open(source())))).toBe('IMAGE_STORE_UNEXPECTED_ANSWER');
  });
});
