import { expect, it } from 'vitest';

import { SharedAnswer } from './shared-answer.ts';

/** A question whose answers are given by the test, one after the other. */
function question() {
  const asked: { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void }[] = [];
  const shared = new SharedAnswer(
    () =>
      new Promise<string>((resolve, reject) => {
        asked.push({ resolve, reject });
      }),
  );
  return { asked, shared };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

it('is asked for once by all who ask at the same time', async () => {
  const { asked, shared } = question();
  const answers = Promise.all([shared.get(), shared.get()]);
  await settle();
  expect(asked).toHaveLength(1);
  asked[0]?.resolve('one');
  expect(await answers).toEqual(['one', 'one']);
});

it('is never older than the question, and then also shared', async () => {
  const { asked, shared } = question();
  const first = shared.get();
  await settle();
  const later = Promise.all([shared.get(), shared.get()]);
  await settle();
  expect(asked).toHaveLength(1);
  asked[0]?.resolve('one');
  await settle();
  expect(asked).toHaveLength(2);
  asked[1]?.resolve('two');
  expect([await first, ...(await later)]).toEqual(['one', 'two', 'two']);
});

it('is asked for anew after it could not be given', async () => {
  const { asked, shared } = question();
  const failing = shared.get();
  await settle();
  const next = shared.get();
  asked[0]?.reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  await settle();
  asked[1]?.resolve('two');
  expect(await next).toBe('two');
});
