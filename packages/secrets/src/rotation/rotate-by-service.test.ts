import { ManualClock } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { rotateByService } from '../index.ts';
import { FakeSecretsManager } from '../testing.ts';

const name = 'database';

function scenario() {
  const fake = new FakeSecretsManager();
  fake.set(name, 'first');
  const store = fake.store();
  const clock = new ManualClock();
  const valueOf = async () => (await store.fetch([name])).found.get(name)?.value.reveal();
  return { fake, store, clock, valueOf };
}

it('resolves once readers get what the Lambda has made', async () => {
  const { fake, store, clock, valueOf } = scenario();
  let set: () => void = () => undefined;
  fake.rotateBy(name, {
    create: (current) => `after ${current}`,
    set: () =>
      new Promise<void>((resolve) => {
        set = resolve;
      }),
  });
  let isOver = false;
  const rotated = rotateByService({ store, name, clock }).finally(() => {
    isOver = true;
  });
  await clock.advance(10_000);
  expect([isOver, await valueOf()]).toEqual([false, 'first']);
  set();
  await clock.advance(2000);
  expect((await store.describe(name))?.stages.current).toBe((await rotated).version);
  expect(await valueOf()).toBe('after first');
});

it('rotates once, however often it is asked to with one token', async () => {
  const { fake, store, valueOf } = scenario();
  fake.rotateBy(name, { create: (current) => `after ${current}` });
  const token = crypto.randomUUID();
  for (let times = 0; times < 3; times += 1) {
    expect(await rotateByService({ store, name, token })).toEqual({ version: token });
  }
  expect(await valueOf()).toBe('after first');
});

it('goes on with a rotation that the service has not finished', async () => {
  const { fake, store, clock, valueOf } = scenario();
  let isBroken = true;
  fake.rotateBy(name, {
    create: (current) => `after ${current}`,
    set: () => (isBroken ? Promise.reject(new Error('the Lambda failed')) : Promise.resolve()),
  });
  const token = crypto.randomUUID();
  const failed = expect(rotateByService({ store, name, token, clock, deadlineMs: 5000 })).rejects.toMatchObject({
    code: 'SECRETS_UNAVAILABLE',
    details: { version: token },
  });
  await clock.advance(5000);
  await failed;
  isBroken = false;
  expect(await rotateByService({ store, name })).toEqual({ version: token });
  expect(await valueOf()).toBe('after first');
});

it('says of a secret that nothing rotates it, and of one that is marked for deletion that it is', async () => {
  const { fake, store } = scenario();
  await expect(rotateByService({ store, name })).rejects.toMatchObject({
    code: 'SECRETS_REJECTED',
    message: `${name} in AWS Secrets Manager in eu-central-1 has no Lambda that rotates it`,
  });
  fake.delete(name);
  await expect(rotateByService({ store, name })).rejects.toMatchObject({ code: 'SECRETS_PENDING_DELETION' });
  await expect(rotateByService({ store, name: 'nothing' })).rejects.toMatchObject({ code: 'SECRETS_MISSING' });
});
