import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { Redacted, reportError } from '@maestro/core';
import { RecordingLogger } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { secretStoreContract } from '../../testing.ts';
import { dotenvStore } from './dotenv-secret-store.ts';

const fingerprintKey = new Redacted<Uint8Array>(new Uint8Array(32).fill(7));
const folder = () => mkdtemp(join(tmpdir(), 'maestro-secrets-'));

async function storeOf(contents: string | Uint8Array, mode = 0o600) {
  const file = join(await folder(), '.env');
  await writeFile(file, contents, { mode });
  const logger = new RecordingLogger();
  return { file, logger, store: dotenvStore({ file, fingerprintKey, logger }) };
}

describe('keeps the contract of a store', () => {
  const contract = secretStoreContract(async (secrets) => {
    const values = new Map(Object.entries(secrets));
    const { file, store } = await storeOf(written(values));
    const put = (name: string, value: string) => writeFile(file, written(values.set(name, value)));
    return { store, put };
  });
  for (const { name, run } of contract) it(name, run);
});

describe('the version of a value', () => {
  async function versions(contents: string, key = fingerprintKey) {
    const { file } = await storeOf(contents);
    const { found } = await dotenvStore({ file, fingerprintKey: key }).fetch(['A', 'B']);
    return [...found.values()].map(({ version }) => version);
  }

  it('is 12 hexadecimal digits, the same each time and wherever the file is', async () => {
    const [version] = await versions('A=alpha');
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(await versions("# moved and quoted\nA='alpha'")).toEqual([version]);
  });

  it('does not show that two secrets have one value', async () => {
    const [a, b] = await versions('A=same\nB=same');
    expect(a).not.toBe(b);
  });

  it('cannot be made without the key', async () => {
    const otherKey = new Redacted<Uint8Array>(new Uint8Array(32).fill(8));
    expect(await versions('A=alpha', otherKey)).not.toEqual(await versions('A=alpha'));
  });
});

describe('a file that cannot be read', () => {
  it('is reported with its place and what to do when there is none', async () => {
    const file = join(await folder(), '.env');
    await expect(dotenvStore({ file, fingerprintKey }).fetch(['A'])).rejects.toMatchObject({
      code: 'SECRETS_SOURCE_UNREADABLE',
      message: `cannot read ${file}: there is no such file`,
      hint: `create it with a line NAME='value' for each secret, then: chmod 600 ${file}`,
    });
  });

  it('is reported when it is a folder', async () => {
    const store = dotenvStore({ file: await folder(), fingerprintKey });
    await expect(store.fetch(['A'])).rejects.toMatchObject({ code: 'SECRETS_SOURCE_UNREADABLE' });
  });

  it('is reported when it is not UTF-8', async () => {
    const { file, store } = await storeOf(Buffer.from('\uFEFFA=alpha\n', 'utf16le'));
    await expect(store.fetch(['A'])).rejects.toMatchObject({
      code: 'SECRETS_SOURCE_UNREADABLE',
      message: `${file} is not UTF-8 text`,
    });
  });
});

it('refuses a file with ambiguous lines, all of them, and shows nothing of their text', async () => {
  const { file, store } = await storeOf('GOOD=1\nA=canary#1\nB="canary\n');
  const error: unknown = await store.fetch(['GOOD']).catch((error: unknown) => error);
  expect(error).toMatchObject({
    code: 'SECRETS_AMBIGUOUS_LINE',
    message: [
      `${file}:2:9 a # in a value without quotes, where readers cut it off`,
      `${file}:3:3 a quote that is never closed`,
    ].join('\n'),
    details: {
      lines: [
        { line: 2, column: 9 },
        { line: 3, column: 3 },
      ],
    },
  });
  expect(inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(reportError(error))).not.toContain('canary');
});

describe('the permissions of the file', () => {
  it('are warned about when others may open it, without showing what is inside', async () => {
    const { file, store, logger } = await storeOf('A=canary');
    await chmod(file, 0o640);
    await store.fetch(['A']);
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        message: 'others than its owner may open the file of secrets',
        fields: { file, mode: '640', fix: `chmod 600 ${file}` },
      },
    ]);
  });

  it('are not mentioned when only the owner may', async () => {
    const { store, logger } = await storeOf('A=canary');
    await store.fetch(['A']);
    expect(logger.lines).toEqual([]);
  });
});

function written(secrets: ReadonlyMap<string, string>): string {
  return [...secrets].map(([name, value]) => `${name}='${value}'\n`).join('');
}
