import { open } from 'node:fs/promises';
import { resolve } from 'node:path';

import { type Logger, Redacted, silentLogger } from '@maestro/core';
import { parse } from 'dotenv';

import type { ListableStore } from '../../ports/managed-secret-store.ts';
import type { FetchedSecrets, SecretFailure, SecretPin, StoredSecret } from '../../ports/secret-store.ts';
import { findAmbiguousLines } from './ambiguous-lines.ts';
import { ambiguousLines, sourceNotText, sourceUnreadable } from './errors.ts';
import { fingerprint } from './fingerprint.ts';

export interface DotenvStoreOptions {
  /** Read anew at each fetch. */
  readonly file: string;
  /** From `loadFingerprintKey`; another key makes every secret look changed. */
  readonly fingerprintKey: Redacted<Uint8Array>;
  /** Warned when others than the owner may open the file. */
  readonly logger?: Logger | undefined;
}

/**
 * The secrets of a .env file, which has the current version of each and no other.
 * Fetching throws SECRETS_SOURCE_UNREADABLE, or SECRETS_AMBIGUOUS_LINE with every line that readers of .env files
 * disagree about, whether or not its secret was asked for.
 */
export function dotenvStore({ file, fingerprintKey, logger = silentLogger }: DotenvStoreOptions): ListableStore {
  const path = resolve(file);
  return {
    name: path,
    async fetch(names, { signal, pins } = {}): Promise<FetchedSecrets> {
      signal?.throwIfAborted();
      const values = valuesIn(await readText(path, logger, signal), path);
      const found = new Map<string, StoredSecret>();
      const failed = new Map<string, SecretFailure>();
      for (const name of names) {
        const value = values.get(name);
        if (value === undefined) {
          failed.set(name, { reason: 'missing', hint: `add a line NAME='value' for each to ${path}` });
          continue;
        }
        const version = fingerprint(fingerprintKey, name, value);
        if (isCurrent(pins?.get(name), version))
          found.set(name, { value: new Redacted(value), version, encoding: 'text' });
        else failed.set(name, { reason: 'version-gone', hint: `put the earlier value back into ${path}` });
      }
      return { found, failed };
    },
    async list({ signal } = {}) {
      const values = valuesIn(await readText(path, logger, signal), path);
      return [...values]
        .map(([name, value]) => ({ name, stages: { current: fingerprint(fingerprintKey, name, value) }, tags: {} }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

function isCurrent(pin: SecretPin | undefined, version: string): boolean {
  return pin === undefined || pin.version === version || pin.stage === 'current';
}

function valuesIn(text: string, path: string): ReadonlyMap<string, string> {
  const ambiguous = findAmbiguousLines(text);
  if (ambiguous.length > 0) throw ambiguousLines(path, ambiguous);
  return new Map(Object.entries(parse(text)));
}

async function readText(path: string, logger: Logger, signal: AbortSignal | undefined): Promise<string> {
  const bytes = await readBytes(path, logger, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw sourceUnreadable(path, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw sourceNotText(path);
  }
}

async function readBytes(path: string, logger: Logger, signal: AbortSignal | undefined): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    warnOfOthers(path, (await file.stat()).mode, logger);
    return await file.readFile({ signal });
  } finally {
    await file.close();
  }
}

function warnOfOthers(path: string, mode: number, logger: Logger): void {
  // Windows has no such permission bits and reports made-up ones.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  logger.warn('others than its owner may open the file of secrets', {
    file: path,
    mode: (mode & 0o777).toString(8),
    fix: `chmod 600 ${path}`,
  });
}
