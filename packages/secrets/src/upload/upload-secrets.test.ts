import { inspect } from 'node:util';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diffSecrets, type SecretsEvent, uploadSecrets } from '../index.ts';
import { FakeSecretsManager, MemorySecretStore } from '../testing.ts';

const reading = new Set(['BatchGetSecretValue', 'GetSecretValue', 'ListSecrets', 'DescribeSecret']);

function subject(held: Readonly<Record<string, string>>, stored: Readonly<Record<string, string>>) {
  const from = new MemorySecretStore(held);
  const aws = new FakeSecretsManager();
  for (const [name, value] of Object.entries(stored)) aws.set(`shop/${name}`, value);
  const to = aws.store({ prefix: 'shop/' });
  const written = () =>
    aws.calls.filter(({ action }) => !reading.has(action)).map(({ action, ids }) => [action, ...ids]);
  const value = async (name: string) => (await to.fetch([name])).found.get(name)?.value.reveal();
  return { from, aws, to, written, value };
}

function changesOf(diff: Awaited<ReturnType<typeof diffSecrets>>) {
  return Object.fromEntries(diff.secrets.map(({ name, change }) => [name, change]));
}

const held = { NEW: 'canary-1', OTHER: 'canary-2', SAME: 'canary-3', GONE: 'canary-4', EMPTY: '' };
const stored = { OTHER: 'canary-5', SAME: 'canary-3', GONE: 'canary-4', THERE: 'canary-6', LEFT: 'canary-7' };

describe('diffSecrets', () => {
  it('says of each name what would become of it, and nothing of its values', async () => {
    const { from, aws, to } = subject(held, stored);
    aws.delete('shop/GONE');
    aws.delete('shop/LEFT');
    const diff = await diffSecrets({ from, to });
    expect(changesOf(diff)).toEqual({
      EMPTY: 'empty',
      GONE: 'pending-deletion',
      NEW: 'added',
      OTHER: 'changed',
      SAME: 'unchanged',
      THERE: 'only-there',
    });
    expect(diff.secrets.map(({ name }) => name)).toEqual(['EMPTY', 'GONE', 'NEW', 'OTHER', 'SAME', 'THERE']);
    expect(JSON.stringify(diff)).not.toContain('canary');
  });

  it('leaves what a rotation has given its value since', async () => {
    const { from, to, written, value } = subject(
      { LOGIN: 'old', FIRST: 'new', SAME: 'a' },
      { LOGIN: 'rotated', SAME: 'a' },
    );
    const diff = await diffSecrets({ from, to, rotated: ['LOGIN', 'FIRST', 'SAME'] });
    expect(changesOf(diff)).toEqual({ FIRST: 'added', LOGIN: 'rotated', SAME: 'unchanged' });
    await uploadSecrets({ from, to, diff });
    expect(written()).toEqual([['CreateSecret', 'shop/FIRST']]);
    expect(await value('LOGIN')).toBe('rotated');
  });

  it('looks at the names that are wanted and what their values refer to, and lists nothing of the target', async () => {
    const values = { URL: 'pg://{{maestro:PART#key}}', PART: '{"key":"{{maestro:DEEP}}"}', DEEP: 'x', ELSE: 'y' };
    const { from, aws, to } = subject(values, { THERE: 'z', ELSE: 'w' });
    const diff = await diffSecrets({ from, to, names: ['URL', 'THERE', 'NOWHERE'] });
    expect(changesOf(diff)).toEqual({
      DEEP: 'added',
      NOWHERE: 'missing',
      PART: 'added',
      THERE: 'only-there',
      URL: 'added',
    });
    expect(aws.calls.map(({ action }) => action)).toEqual(['BatchGetSecretValue']);
  });

  it('takes what cannot be read for no difference', async () => {
    const { from, aws, to } = subject(held, stored);
    aws.refuse('shop/OTHER', 'AccessDeniedException');
    await expect(diffSecrets({ from, to })).rejects.toMatchObject({ code: 'SECRETS_DENIED' });
    from.fail('NEW', 'undecryptable');
    await expect(diffSecrets({ from, to })).rejects.toMatchObject({ code: 'SECRETS_DENIED' });
  });

  it('takes bytes for another value than their base64', async () => {
    const { from, aws, to } = subject({ A: 'AAH/' }, {});
    aws.set('shop/A', new Uint8Array([0, 1, 255]));
    expect(changesOf(await diffSecrets({ from, to }))).toEqual({ A: 'changed' });
  });
});

describe('uploadSecrets', () => {
  it('writes what differs and nothing else, and tells no value', async () => {
    const { from, to, written, value } = subject(held, stored);
    const events: SecretsEvent[] = [];
    const diff = await diffSecrets({ from, to });
    const done = await uploadSecrets({ from, to, diff, onEvent: (event) => events.push(event) });
    expect(done).toEqual({ created: ['NEW'], changed: ['OTHER'], restored: [] });
    expect(await value('NEW')).toBe('canary-1');
    expect(await value('OTHER')).toBe('canary-2');
    expect(new Set(written().map(([, id]) => id))).toEqual(new Set(['shop/NEW', 'shop/OTHER']));
    expect(events.map((event) => event.type === 'secret-uploaded' && event.name)).toEqual(['NEW', 'OTHER']);
    expect(inspect([done, events], { depth: 9 })).not.toContain('canary');
  });

  it('asks the target nothing when nothing differs', async () => {
    const { from, aws, to } = subject({ SAME: 'x' }, { SAME: 'x', THERE: 'y' });
    const diff = await diffSecrets({ from, to });
    aws.calls.length = 0;
    expect(await uploadSecrets({ from, to, diff })).toEqual({ created: [], changed: [], restored: [] });
    expect(aws.calls).toEqual([]);
  });

  it('does not write over what somebody else has written since', async () => {
    const { from, aws, to, value } = subject({ A: 'ours', B: 'ours', C: 'ours' }, { A: 'old', B: 'old' });
    const diff = await diffSecrets({ from, to });
    aws.set('shop/B', 'theirs');
    await expect(uploadSecrets({ from, to, diff })).rejects.toMatchObject({
      code: 'SECRETS_CONFLICT',
      details: { written: ['A'], left: ['B', 'C'] },
    });
    expect(await value('B')).toBe('theirs');
    const again = await diffSecrets({ from, to });
    expect(await uploadSecrets({ from, to, diff: again })).toEqual({ created: ['C'], changed: ['B'], restored: [] });
  });

  it('does not write over what somebody else has created since', async () => {
    const { from, aws, to, value } = subject({ A: 'ours' }, {});
    const diff = await diffSecrets({ from, to });
    aws.set('shop/A', 'theirs');
    await expect(uploadSecrets({ from, to, diff })).rejects.toMatchObject({ code: 'SECRETS_CONFLICT' });
    expect(await value('A')).toBe('theirs');
  });

  it('lets exactly one of two uploads change a secret', async () => {
    const { aws, to, value } = subject({}, { A: 'old' });
    const sources = ['one', 'two'].map((text) => new MemorySecretStore({ A: text }));
    const diffs = await Promise.all(sources.map((from) => diffSecrets({ from, to })));
    const settled = await Promise.allSettled(
      sources.map((from, index) =>
        uploadSecrets({ from, to, diff: diffs[index] ?? { from: '', to: '', secrets: [] } }),
      ),
    );
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await value('A')).toBe(settled[0]?.status === 'fulfilled' ? 'one' : 'two');
    expect(aws.calls.length).toBeGreaterThan(0);
  });

  it('writes no value that the difference was not seen of', async () => {
    const { from, to, written } = subject({ A: 'seen' }, { A: 'old' });
    const diff = await diffSecrets({ from, to });
    from.set('A', 'edited');
    expect(await uploadSecrets({ from, to, diff })).toMatchObject({ changed: ['A'] });
    // A store that keeps no versions, such as a .env file, refuses instead.
    from.fail('A', 'version-gone');
    const { to: other } = subject({}, { A: 'old' });
    await expect(uploadSecrets({ from, to: other, diff })).rejects.toMatchObject({ code: 'SECRETS_VERSION_GONE' });
    expect(written().length).toBeGreaterThan(0);
  });

  it('refuses what waits for its deletion before anything is written, and offers to restore it', async () => {
    const { from, aws, to, written, value } = subject(held, stored);
    aws.delete('shop/GONE');
    const diff = await diffSecrets({ from, to });
    await expect(uploadSecrets({ from, to, diff })).rejects.toMatchObject({
      code: 'SECRETS_PENDING_DELETION',
      details: { names: ['GONE'] },
    });
    expect(written()).toEqual([]);
    expect(await uploadSecrets({ from, to, diff, restore: true })).toMatchObject({ restored: ['GONE'] });
    expect(await value('GONE')).toBe('canary-4');
    expect(written().filter(([, id]) => id === 'shop/GONE')).toEqual([['RestoreSecret', 'shop/GONE']]);
  });

  it('writes what differs in a secret that it has restored', async () => {
    const { from, aws, to, value } = subject({ GONE: 'new' }, { GONE: 'old' });
    aws.delete('shop/GONE');
    const diff = await diffSecrets({ from, to });
    await uploadSecrets({ from, to, diff, restore: true });
    expect(await value('GONE')).toBe('new');
  });

  it('gives key and tags to what it creates', async () => {
    const { from, to } = subject({ A: 'x' }, {});
    const diff = await diffSecrets({ from, to });
    await uploadSecrets({ from, to, diff, kmsKey: 'alias/shop', tags: { team: 'shop' } });
    expect(await to.describe('A')).toMatchObject({ kmsKey: 'alias/shop', tags: { team: 'shop' } });
  });

  it('says how far it got when the store fails', async () => {
    const { from, aws, to } = subject({ A: 'canary', B: 'canary' }, {});
    const diff = await diffSecrets({ from, to });
    aws.fail({ error: 'AccessDeniedException', action: 'CreateSecret' });
    const error = await uploadSecrets({ from, to, diff }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'SECRETS_DENIED', details: { written: [], left: ['A', 'B'] } });
    expect(inspect(error, { depth: 9 })).not.toContain('canary');
  });

  it('leaves nothing to do behind, whatever was on either side', async () => {
    const side = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), fc.constantFrom('x', 'y', 'z'));
    await fc.assert(
      fc.asyncProperty(side, side, async (ours, theirs) => {
        const { from, to, value } = subject(ours, theirs);
        await uploadSecrets({ from, to, diff: await diffSecrets({ from, to }) });
        const rest = changesOf(await diffSecrets({ from, to }));
        expect(Object.values(rest).filter((change) => change !== 'unchanged' && change !== 'only-there')).toEqual([]);
        for (const [name, text] of Object.entries({ ...theirs, ...ours })) expect(await value(name)).toBe(text);
      }),
    );
  });
});
