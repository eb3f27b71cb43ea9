import { type Clock, isMaestroError, Redacted, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import type { ImageStoreErrorCode } from '../../src/index.ts';
import { type CredentialSource, openOciImageStore } from '../../src/oci.ts';
import { expectNoSecretIn, login, openScene, resolveTag, type Scene } from './faulty-registry.ts';
import { type Answer, RegistryFront } from './registry-front.ts';
import { imageOf, repository } from './registry-images.ts';

const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;

async function expectError(work: Promise<unknown>, scene: Scene, code: ImageStoreErrorCode): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isMaestroError(error) ? error.code : error).toBe(code);
  expectNoSecretIn([error, scene.logger.lines], scene);
  return error as Error;
}

describeWith('the login to a registry', ['image-repository'], (parts) => {
  const open = (clock?: Clock) => {
    const { address, prefix } = parts()['image-repository'];
    return openScene({ registry: address, prefix, clock });
  };
  /** Another store in the registry of a scene, which knows nothing yet. */
  const reopened = ({ front }: Scene, credentials?: CredentialSource) => {
    const { prefix } = parts()['image-repository'];
    return openOciImageStore({ registry: front.origin, namespace: `${prefix}anew`, credentials });
  };
  const withPassword: CredentialSource = () =>
    Promise.resolve({ username: login.username, password: new Redacted(login.password) });

  it('is one request for a token for twenty requests at the same time', async () => {
    await using scene = await open();
    const store = reopened(scene, withPassword);
    scene.tokens.requests.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => store.resolve({ repository, reference: 'latest' })));
    expect(scene.tokens.requests).toHaveLength(1);
  });

  it('is repeated once for all requests when tokens stop being accepted', async () => {
    await using scene = await open();
    await resolveTag(scene);
    scene.tokens.requests.length = 0;
    scene.tokens.revokeAll();
    await Promise.all(Array.from({ length: 20 }, () => resolveTag(scene)));
    expect(scene.tokens.requests).toHaveLength(1);
  });

  it('asks for a token with the password, for what it is going to do and what the registry wants', async () => {
    await using scene = await open();
    scene.tokens.requests.length = 0;
    await reopened(scene, withPassword).resolve({ repository, reference: 'latest' });
    const [request] = scene.tokens.requests;
    expect(request?.authorization).toBe(basic);
    expect(request?.query.get('service')).toBe('registry.test');
    const { prefix } = parts()['image-repository'];
    expect(request?.query.getAll('scope')).toEqual([
      `repository:${prefix}anew/${repository}:pull`,
      'repository:of/challenge:pull',
    ]);
    expect(scene.front.requests.map(({ headers }) => headers.authorization)).not.toContain(basic);
  });

  it('asks for a token without a name where there are no credentials', async () => {
    await using scene = await open();
    scene.tokens.requests.length = 0;
    await reopened(scene).resolve({ repository, reference: 'latest' });
    expect(scene.tokens.requests).toMatchObject([{ method: 'GET', authorization: undefined }]);
  });

  it('exchanges an identity token in the body of a request', async () => {
    await using scene = await open();
    scene.tokens.requests.length = 0;
    const credentials = () => Promise.resolve({ identityToken: new Redacted('kept-by-docker-login') });
    await reopened(scene, credentials).resolve({ repository, reference: 'latest' });
    const [request] = scene.tokens.requests;
    expect(request).toMatchObject({ method: 'POST', authorization: undefined });
    expect([...(request?.query ?? [])]).toEqual([]);
    expect(Object.fromEntries(request?.form ?? [])).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'kept-by-docker-login',
      service: 'registry.test',
    });
  });

  it('is repeated once with other credentials when the token service refuses those that were kept', async () => {
    await using scene = await open();
    scene.tokens.requests.length = 0;
    scene.tokens.status = 401;
    const credentials: CredentialSource = (_, { refused } = {}) => {
      if (refused !== undefined) scene.tokens.status = 200;
      return Promise.resolve({ username: refused === undefined ? 'old' : 'new', password: new Redacted('horse') });
    };
    await reopened(scene, credentials).resolve({ repository, reference: 'latest' });
    const names = scene.tokens.requests.map(({ authorization = '' }) =>
      Buffer.from(authorization.replace('Basic ', ''), 'base64').toString(),
    );
    expect(names).toEqual(['old:horse', 'new:horse']);
  });

  it('is repeated before a token expires', async () => {
    let skippedMs = 0;
    const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + skippedMs };
    await using scene = await open(clock);
    scene.tokens.lifetimeSeconds = 100;
    scene.tokens.revokeAll();
    await resolveTag(scene);
    scene.tokens.requests.length = 0;
    skippedMs = 50_000;
    await resolveTag(scene);
    expect(scene.tokens.requests).toHaveLength(0);
    skippedMs = 90_000;
    await resolveTag(scene);
    expect(scene.tokens.requests).toHaveLength(1);
  });

  it('fails when the token service refuses the credentials', async () => {
    await using scene = await open();
    scene.tokens.status = 401;
    scene.tokens.revokeAll();
    const error = await expectError(resolveTag(scene), scene, 'IMAGE_STORE_UNAUTHORIZED');
    expect(error).toMatchObject({ hint: `docker login ${new URL(scene.front.origin).host}` });
  });

  it('fails, and is not repeated, when the registry refuses a new token', async () => {
    await using scene = await open();
    scene.tokens.accepts = false;
    scene.tokens.requests.length = 0;
    await expectError(resolveTag(scene), scene, 'IMAGE_STORE_UNAUTHORIZED');
    expect(scene.tokens.requests).toHaveLength(1);
  });

  const refusals: readonly (readonly [string, string, ImageStoreErrorCode])[] = [
    ['a token service without https', 'Bearer realm="http://tokens.example/"', 'IMAGE_STORE_UNAUTHORIZED'],
    ['a token service that has no address', 'Bearer realm="tokens"', 'IMAGE_STORE_UNAUTHORIZED'],
    ['a way to log in that nobody knows', 'Negotiate', 'IMAGE_STORE_UNAUTHORIZED'],
    ['the password again, which it refused', 'Basic realm="registry"', 'IMAGE_STORE_UNAUTHORIZED'],
  ];
  it.each(refusals)('fails when the registry wants %s', async (_, challenge, code) => {
    await using scene = await open();
    const refusal: Answer = { status: 401, headers: { 'www-authenticate': challenge } };
    await using front = await RegistryFront.open(scene.front.origin, () => refusal);
    const store = openOciImageStore({ registry: front.origin, credentials: withPassword });
    await expectError(store.put(await imageOf('one')), scene, code);
    await expectError(store.put(await imageOf('one')), scene, code);
  });

  it('names the repository and what was to be done there when the account may not do it', async () => {
    await using scene = await open();
    const challenge = `Bearer realm="${scene.tokens.realm}",error="insufficient_scope"`;
    const refusal = { status: 401, headers: { 'www-authenticate': challenge } };
    scene.front.put({ method: 'POST', path: /uploads/, reaction: () => Promise.resolve(refusal) });
    const error = await expectError(scene.store.put(await imageOf('two')), scene, 'IMAGE_STORE_DENIED');
    expect(error.message).toMatch(new RegExp(`^cannot push in 127\\.0\\.0\\.1:\\d+/.+/${repository}: `));
  });

  it('does not wait for a token on behalf of a caller that has given up', async () => {
    await using scene = await open();
    scene.tokens.revokeAll();
    scene.tokens.silent = true;
    scene.tokens.requests.length = 0;
    const controller = new AbortController();
    const work = scene.store.resolve({ repository, reference: 'latest' }, { signal: controller.signal });
    await expect.poll(() => scene.tokens.requests.length).toBe(1);
    controller.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
  });
});
