import { DescribeRepositoriesCommand, ListTagsForResourceCommand } from '@aws-sdk/client-ecr';
import { isMaestroError } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { ensureEcrRepository, type EcrRepositoryOptions } from '../../src/ecr.ts';
import { EcrFront, failing, passingOn } from './ecr-front.ts';

describeWith('a repository in Amazon ECR', ['aws'], (parts) => {
  let front: EcrFront;
  let names = 0;

  beforeEach(async () => {
    front = await EcrFront.open(parts().aws);
    names += 1;
  });
  afterEach(() => front[Symbol.asyncDispose]());

  const name = () => `team${names}/shop-api`;
  const ensure = (options: Partial<EcrRepositoryOptions> = {}) =>
    ensureEcrRepository({ registry: front.registry, name: name(), endpoint: front.endpoint, ...options });
  const described = async () => {
    const { repositories = [] } = await front.client.send(
      new DescribeRepositoriesCommand({ repositoryNames: [name()] }),
    );
    return repositories[0];
  };

  it('is made with tags that stay, but for those that move, and with scanning', async () => {
    expect(await ensure({ tags: { team: 'shop' } })).toEqual({ created: true });
    const repository = await described();
    expect(repository).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [
        { filterType: 'WILDCARD', filter: 'latest' },
        { filterType: 'WILDCARD', filter: 'stable' },
      ],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'AES256' },
    });
    const { tags } = await front.client.send(
      new ListTagsForResourceCommand({ resourceArn: repository?.repositoryArn }),
    );
    expect(tags).toEqual([{ Key: 'team', Value: 'shop' }]);
  });

  it('is made as it is asked for', async () => {
    const kmsKey = 'arn:aws:kms:eu-central-1:123456789012:key/shop';
    await ensure({ movingTags: [], scanOnPush: false, kmsKey });
    expect(await described()).toMatchObject({
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'KMS', kmsKey },
    });
  });

  it('is left as it is where it is there', async () => {
    await ensure({ movingTags: ['production-*'] });
    expect(await ensure()).toEqual({ created: false });
    expect(await described()).toMatchObject({ imageTagMutabilityExclusionFilters: [{ filter: 'production-*' }] });
  });

  it('is there for all who make it at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => ensure()));
    expect(await described()).toMatchObject({ repositoryName: name() });
  });

  it('is there when AWS answers that it is, after the answer to its making was lost', async () => {
    front.react(
      'CreateRepository',
      async ({ forward }, response) => {
        await forward();
        response.destroy();
        return undefined;
      },
      passingOn,
    );
    expect(await ensure()).toEqual({ created: false });
    expect(front.asked('CreateRepository')).toHaveLength(2);
  });

  it.each([
    ['AccessDeniedException', 'IMAGE_STORE_DENIED'],
    ['UnrecognizedClientException', 'IMAGE_STORE_CREDENTIALS'],
    ['InvalidSignatureException', 'IMAGE_STORE_CREDENTIALS'],
    ['ExpiredTokenException', 'IMAGE_STORE_CREDENTIALS'],
    ['KmsException', 'IMAGE_STORE_UNEXPECTED_ANSWER'],
  ] as const)('is not made where AWS answers with %s: %s', async (answer, code) => {
    const { sessionToken, secretAccessKey } = parts().aws.credentials;
    front.react('CreateRepository', failing(answer, `the string to sign was ${sessionToken} ${secretAccessKey}`));
    const error: unknown = await ensure().catch((reason: unknown) => reason);
    expect(isMaestroError(error) ? error.code : error).toBe(code);
    expect(error).toMatchObject({ details: { action: 'CreateRepository', aws: answer } });
    front.expectNoSecretIn(error);
  });

  it('is not made where AWS fails each time', async () => {
    front.react('CreateRepository', failing('ServerException', 'try later', 500));
    const error: unknown = await ensure().catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')).toBe(true);
    expect(error).toMatchObject({ retryable: true });
  });

  it('is not made where nobody answers', async () => {
    const error: unknown = await ensure({ endpoint: 'http://127.0.0.1:1' }).catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_UNREACHABLE')).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') as string });
    front.expectNoSecretIn(error);
  });

  it.each([
    [{ name: 'Team/shop-api' }, 'IMAGE_STORE_INVALID_NAME'],
    [{ name: 'team//shop-api' }, 'IMAGE_STORE_INVALID_NAME'],
    [{ registry: 'https://registry-1.docker.io' }, 'IMAGE_STORE_INVALID_REGISTRY'],
  ] as const)('is not asked for as %o', async (options, code) => {
    await expect(ensure(options)).rejects.toSatisfy((error) => isMaestroError(error, code));
    expect(front.asked('CreateRepository')).toEqual([]);
  });

  it('is not waited for when the caller gives up', async () => {
    front.react('CreateRepository', () => Promise.resolve(undefined));
    const controller = new AbortController();
    const work = ensure({ signal: controller.signal });
    await expect.poll(() => front.asked('CreateRepository').length).toBe(1);
    controller.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
  });
});
