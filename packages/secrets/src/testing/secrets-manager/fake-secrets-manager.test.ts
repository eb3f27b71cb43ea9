import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { FakeSecretsManager, managedSecretStoreContract, secretStoreContract } from '../../testing.ts';

function fakeOf(secrets: Readonly<Record<string, string>>) {
  const fake = new FakeSecretsManager();
  for (const [name, value] of Object.entries(secrets)) fake.set(`shop/${name}`, value);
  fake.set('of others', 'canary');
  return { fake, store: fake.store({ prefix: 'shop/' }) };
}

const reading = secretStoreContract((secrets) => {
  const { fake, store } = fakeOf(secrets);
  const put = (name: string, value: string) => {
    fake.set(`shop/${name}`, value);
    return Promise.resolve();
  };
  return Promise.resolve({ store, put });
});

const writing = managedSecretStoreContract((secrets) => {
  const { fake, store } = fakeOf(secrets);
  const remove = (name: string) => {
    fake.delete(`shop/${name}`);
    return Promise.resolve();
  };
  return Promise.resolve({ store, delete: remove });
});

describe('keeps the contract of a store', () => {
  for (const { name, run } of reading) it(name, run);
});

describe('keeps the contract of a store that can be written to', () => {
  for (const { name, run } of writing) it(name, run);
});

describe('is as strict as the service', () => {
  const fake = new FakeSecretsManager();
  const service = fake.service();
  const call = { abortSignal: new AbortController().signal };
  const token = () => randomUUID();

  it('takes 1 to 20 ids a batch', async () => {
    const ids = Array.from({ length: 21 }, (_, index) => `N${index}`);
    await expect(service.batchGetSecretValue({ SecretIdList: ids }, call)).rejects.toThrow('between 1 and 20');
    await expect(service.batchGetSecretValue({ SecretIdList: [] }, call)).rejects.toThrow('between 1 and 20');
    expect((await service.batchGetSecretValue({ SecretIdList: ids.slice(1) }, call)).Errors).toHaveLength(20);
  });

  it('tells of each id of a batch by itself', async () => {
    for (const name of ['there', 'denied', 'encrypted', 'deleted']) fake.set(name, 'canary');
    fake.refuse('denied', 'AccessDeniedException');
    fake.refuse('encrypted', 'DecryptionFailure');
    fake.delete('deleted');
    const SecretIdList = ['missing', 'there', 'denied', 'encrypted', 'deleted'];
    const { SecretValues, Errors } = await service.batchGetSecretValue({ SecretIdList }, call);
    expect(SecretValues).toMatchObject([{ Name: 'there', SecretString: 'canary', VersionStages: ['AWSCURRENT'] }]);
    expect(Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).toEqual([
      ['missing', 'ResourceNotFoundException'],
      ['denied', 'AccessDeniedException'],
      ['encrypted', 'DecryptionFailure'],
      ['deleted', 'InvalidRequestException'],
    ]);
  });

  it.each([
    ['empty', '', 'greater than or equal to 1'],
    ['of 65 537 bytes', 'x'.repeat(65_537), 'less than or equal to 65536'],
    ['of 65 537 bytes in fewer characters', 'é'.repeat(32_769), 'less than or equal to 65536'],
  ])('takes no value that is %s', async (_, SecretString, message) => {
    const input = { Name: 'limits', ClientRequestToken: token(), SecretString };
    await expect(service.createSecret(input, call)).rejects.toThrow(message);
  });

  it('takes no token that is shorter than 32 characters', async () => {
    const input = { Name: 'limits', ClientRequestToken: 'short', SecretString: 'x' };
    await expect(service.createSecret(input, call)).rejects.toThrow('between 32 and 64');
  });

  it('takes text or bytes, and not both', async () => {
    fake.set('bytes', 'x');
    const SecretId = 'bytes';
    await service.putSecretValue({ SecretId, SecretBinary: 'AAH/' }, call);
    expect((await service.getSecretValue({ SecretId }, call)).SecretBinary).toEqual(Buffer.from([0, 1, 255]));
    await expect(service.putSecretValue({ SecretId }, call)).rejects.toThrow('either SecretString or SecretBinary');
  });

  it('does not let AWSCURRENT be removed, nor a label be taken from where the caller did not see it', async () => {
    const first = fake.set('labels', 'one');
    const second = fake.set('labels', 'two');
    const move = (MoveToVersionId?: string, RemoveFromVersionId?: string) =>
      service.updateSecretVersionStage(
        {
          SecretId: 'labels',
          VersionStage: 'AWSCURRENT',
          ...(MoveToVersionId && { MoveToVersionId }),
          ...(RemoveFromVersionId && { RemoveFromVersionId }),
        },
        call,
      );
    await expect(move(undefined, second)).rejects.toThrow('not remove it');
    await expect(move(first)).rejects.toThrow(`is attached to version ${second}`);
    await expect(move(first, first)).rejects.toThrow('is not attached');
    await expect(move()).rejects.toThrow('is needed');
    await move(first, second);
    expect((await service.describeSecret({ SecretId: 'labels' }, call)).VersionIdsToStages).toEqual({
      [first]: ['AWSCURRENT'],
      [second]: ['AWSPREVIOUS'],
    });
  });

  it('takes 20 labels a version', async () => {
    const version = fake.set('labelled', 'x');
    const label = (VersionStage: string) =>
      service.updateSecretVersionStage({ SecretId: 'labelled', VersionStage, MoveToVersionId: version }, call);
    for (let index = 0; index < 19; index += 1) await label(`label-${index}`);
    await expect(label('one more')).rejects.toThrow('at most 20');
  });

  it('still gives a version that has no label any more, and tells nothing of it', async () => {
    const first = fake.set('deprecated', 'one');
    fake.set('deprecated', 'two');
    fake.set('deprecated', 'three');
    const { VersionIdsToStages = {} } = await service.describeSecret({ SecretId: 'deprecated' }, call);
    expect(Object.keys(VersionIdsToStages)).not.toContain(first);
    expect(await service.getSecretValue({ SecretId: 'deprecated', VersionId: first }, call)).toMatchObject({
      SecretString: 'one',
      VersionStages: [],
    });
  });

  it('fails for as many calls as were ordered, and of the action that was', async () => {
    const failing = new FakeSecretsManager();
    failing.set('A', 'x');
    failing.fail({ action: 'GetSecretValue', error: 'ThrottlingException', times: 1 });
    await failing.service().describeSecret({ SecretId: 'A' }, call);
    const get = () => failing.service().getSecretValue({ SecretId: 'A' }, call);
    await expect(get()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(get()).resolves.toMatchObject({ SecretString: 'x' });
  });

  it('lists a hundred secrets a page, under a prefix', async () => {
    const many = new FakeSecretsManager();
    for (let index = 0; index < 205; index += 1) many.set(`shop/N${index}`, 'x');
    many.set('other', 'x');
    expect(await many.store({ prefix: 'shop/' }).list()).toHaveLength(205);
    expect(many.calls).toHaveLength(3);
  });
});
