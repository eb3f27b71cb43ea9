import { inspect } from 'node:util';

import { beforeEach, describe, expect, it } from 'vitest';

import { openSecrets, type Secrets } from '../open-secrets.ts';
import { MemorySecretStore } from '../testing.ts';
import type { Schema } from './schema.ts';

type Check = (value: unknown) => boolean;

/** An object whose fields pass, as zod and others would check it; what it says of a value quotes it. */
function shape<Output>(fields: Readonly<Record<string, Check>>): Schema<Output> {
  const validate = (value: unknown) => {
    const given = value as Readonly<Record<string, unknown>>;
    const bad = Object.entries(fields).filter(([field, check]) => !check(given[field]));
    const issues = bad.map(([field]) => ({ path: field.split('.'), message: `not ${String(given[field])}` }));
    return issues.length === 0 ? { value: value as Output } : { issues };
  };
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';

let store: MemorySecretStore;
let secrets: Secrets;
beforeEach(() => {
  store = new MemorySecretStore({
    'shop/db': '{"host":"db","port":5432,"password":"canary","options":{"ssl":"canary"}}',
    'shop/stripe': 'canary-stripe',
    text: 'canary, no JSON',
  });
  secrets = openSecrets({ store });
});

const database = shape<{ host: string; port: number }>({ host: isString, port: isNumber });

it('gives a JSON document typed', async () => {
  const value = await secrets.read({ schema: database, from: 'shop/db' });
  const { host, port }: { host: string; port: number } = value.reveal();
  expect([host, port]).toEqual(['db', 5432]);
  expect(inspect(value)).toBe('[redacted]');
});

it('gives several secrets typed, fetched in one batch', async () => {
  const schema = shape<{ STRIPE: string; DB_PORT: string }>({ STRIPE: isString, DB_PORT: isString });
  const value = await secrets.read({ schema, from: { STRIPE: 'shop/stripe', DB_PORT: 'shop/db#port' } });
  expect(value.reveal()).toEqual({ STRIPE: 'canary-stripe', DB_PORT: '5432' });
  expect(store.batches).toEqual([['shop/stripe', 'shop/db']]);
});

describe('what does not fit', () => {
  const failureOf = async (reading: Promise<unknown>) => {
    const error: unknown = await reading.catch((error: unknown) => error);
    expect(inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error)).not.toContain('canary');
    return error;
  };

  it('is told all at once, by its place', async () => {
    const schema = shape({ host: isNumber, user: isString, 'options.ssl': isNumber });
    expect(await failureOf(secrets.read({ schema, from: 'shop/db' }))).toMatchObject({
      code: 'SECRETS_INVALID',
      message: 'not what the schema expects: shop/db at host; shop/db at user; shop/db at options.ssl',
      details: { problems: ['shop/db at host', 'shop/db at user', 'shop/db at options.ssl'] },
    });
  });

  it('is told by field and id, where there are several secrets', async () => {
    const schema = shape({ STRIPE: isNumber, port: isNumber, text: isNumber, none: isString });
    const from = { STRIPE: 'shop/stripe', port: 'shop/db#port', text: 'text' };
    expect(await failureOf(secrets.read({ schema, from }))).toMatchObject({
      details: { problems: ['STRIPE (shop/stripe)', 'port (shop/db#port)', 'text', 'none'] },
    });
  });

  it('is what is missing first, all of it', async () => {
    const from = { A: 'not there', B: 'shop/db', C: 'not there either' };
    expect(await failureOf(secrets.read({ schema: shape({}), from }))).toMatchObject({
      code: 'SECRETS_MISSING',
      message: '2 secrets are not available from memory: not there is missing; not there either is missing',
    });
  });

  it('is a text that is no JSON', async () => {
    expect(await failureOf(secrets.read({ schema: database, from: 'text' }))).toMatchObject({
      code: 'SECRETS_INVALID',
      details: { problems: ['text is no JSON'] },
    });
  });

  it('is never quoted, not even by a schema that fails itself', async () => {
    const failing: Schema<string> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          throw new Error(`cannot take ${JSON.stringify(value)}`);
        },
      },
    };
    expect(await failureOf(secrets.read({ schema: failing, from: 'shop/db' }))).toMatchObject({
      code: 'SECRETS_INVALID',
      details: { problems: ['shop/db: the schema itself failed'] },
    });
  });

  it('is found by a schema that takes its time, with segments that are objects', async () => {
    const slow: Schema<string> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => Promise.resolve({ issues: [{ path: [{ key: 'a' }, 0] }, {}, { path: ['a', 0] }] }),
      },
    };
    expect(await failureOf(secrets.read({ schema: slow, from: 'shop/db' }))).toMatchObject({
      details: { problems: ['shop/db at a.0', 'shop/db'] },
    });
  });
});
