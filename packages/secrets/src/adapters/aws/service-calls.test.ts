import { ManualClock } from '@maestro/core/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeSecretsManager, type OrderedError } from '../../testing.ts';
import { ServiceCalls } from './service-calls.ts';

let clock: ManualClock;
let fake: FakeSecretsManager;
beforeEach(() => {
  clock = new ManualClock();
  fake = new FakeSecretsManager({ clock });
  fake.set('A', 'alpha');
});

const region = 'eu-central-1';
const calls = (open = () => Promise.resolve(fake.service())) => new ServiceCalls({ region, open, clock });
const ask = (deadlineMs = 20_000, signal?: AbortSignal, to = calls()) =>
  to.ask({
    action: 'GetSecretValue',
    send: (api, call) => api.getSecretValue({ SecretId: 'A' }, call),
    until: clock.monotonic() + deadlineMs,
    signal,
  });

describe('a call', () => {
  it.each<OrderedError>(['ThrottlingException', 'InternalServiceError', 'unreachable'])(
    'is repeated after %s, later and later',
    async (error) => {
      const random = vi.spyOn(Math, 'random').mockReturnValue(0.999);
      const answers: number[] = [];
      fake.fail({ error, times: 7 });
      const answer = ask();
      for (let ms = 0; ms < 12_000; ms += 10) {
        await clock.advance(10);
        if (fake.calls.length > answers.length) answers.push(ms);
      }
      random.mockRestore();
      expect(await answer).toMatchObject({ SecretString: 'alpha' });
      expect(answers).toHaveLength(8);
      const pauses = answers.slice(1).map((at, index) => at - (answers[index] ?? 0));
      expect(pauses.map((pause) => Math.round(pause / 100))).toEqual([1, 2, 4, 8, 16, 30, 30]);
    },
  );

  it('is repeated at times that differ between clients', async () => {
    fake.fail({ error: 'ThrottlingException', times: 2 });
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    const answer = ask();
    await clock.advance(0);
    random.mockRestore();
    expect(await answer).toMatchObject({ SecretString: 'alpha' });
    expect(fake.calls).toHaveLength(3);
  });

  it('is given up at the deadline, with what was said last', async () => {
    fake.fail({ error: 'ThrottlingException' });
    const failed = expect(ask(2000)).rejects.toMatchObject({
      code: 'SECRETS_UNAVAILABLE',
      message: 'secretsmanager:GetSecretValue in eu-central-1 failed: ThrottlingException',
      retryable: true,
    });
    await clock.advance(2000);
    await failed;
  });

  it('is repeated where no answer comes, and given up at the deadline', async () => {
    fake.fail({ error: 'silent' });
    const failed = expect(ask(20_000)).rejects.toMatchObject({
      code: 'SECRETS_UNAVAILABLE',
      message: 'secretsmanager:GetSecretValue in eu-central-1 failed: TimeoutError',
    });
    await clock.advance(20_000);
    await failed;
    expect(fake.calls.length).toBeGreaterThanOrEqual(3);
  });

  it.each<[OrderedError, string]>([
    ['AccessDeniedException', 'SECRETS_DENIED'],
    ['ExpiredTokenException', 'SECRETS_CREDENTIALS'],
  ])('is not repeated after %s', async (error, code) => {
    fake.fail({ error });
    await expect(ask()).rejects.toMatchObject({ code, retryable: false });
    expect(fake.calls).toHaveLength(1);
  });

  it('ends with the reason of a signal', async () => {
    fake.fail({ error: 'silent' });
    const stop = new AbortController();
    const failed = expect(ask(20_000, stop.signal)).rejects.toThrow('stopped by the operator');
    stop.abort(new Error('stopped by the operator'));
    await failed;
  });
});

it('opens the client once, and again where that failed', async () => {
  const open = vi.fn(() => Promise.resolve(fake.service()));
  open.mockRejectedValueOnce(Object.assign(new Error('no such module'), { code: 'ERR_MODULE_NOT_FOUND' }));
  const to = calls(open);
  const answer = ask(20_000, undefined, to);
  await clock.advance(1000);
  await answer;
  await ask(20_000, undefined, to);
  expect(open).toHaveBeenCalledTimes(2);
});
