import { join } from 'node:path';

import type { Logger } from '@maestro/core';
import type { ResolvedEnvironment, ResolvedSecrets } from '@maestro/registry';
import type { ListableStore, RotatingSecretStore } from '@maestro/secrets';

/** Where an environment keeps its secrets. */
export interface EnvironmentSecretStore extends ListableStore, AsyncDisposable {
  /** The same to be written to; null where it is a file, which people edit. */
  readonly writable: (() => Promise<RotatingSecretStore>) | null;
}

/** Null where no service of the environment needs a secret. The adapter and its key are made ready at the first fetch. */
export function openSecretStore(
  { secrets, stateFolder }: Pick<ResolvedEnvironment, 'secrets' | 'stateFolder'>,
  { logger }: { readonly logger: Logger },
): EnvironmentSecretStore | null {
  if (secrets === undefined) return null;
  return secrets.source === 'aws'
    ? openAws(secrets, logger)
    : lazily(secrets.file, () => openDotenv(secrets.file, { stateFolder, logger }));
}

/** A `.env` file, of the environment or to upload from; its versions are made with the environment's key. */
export async function openDotenv(
  file: string,
  { stateFolder, logger }: { readonly stateFolder: string; readonly logger: Logger },
): Promise<ListableStore> {
  const { dotenvStore, loadFingerprintKey } = await import('@maestro/secrets/dotenv');
  const fingerprintKey = await loadFingerprintKey(join(stateFolder, 'fingerprint.key'));
  return dotenvStore({ file, fingerprintKey, logger });
}

function openAws(
  { regions, prefix, endpoint }: Extract<ResolvedSecrets, { readonly source: 'aws' }>,
  logger: Logger,
): EnvironmentSecretStore {
  let opened: Promise<RotatingSecretStore & AsyncDisposable> | undefined;
  const open = async () => {
    const { awsStore } = await import('@maestro/secrets/aws');
    return awsStore({ regions, prefix, endpoint, logger });
  };
  const writable = () => (opened ??= open());
  return {
    ...lazily(`AWS Secrets Manager in ${regions[0]} under ${prefix}`, writable),
    writable,
    [Symbol.asyncDispose]: async () => {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}

function lazily(name: string, open: () => Promise<ListableStore>): EnvironmentSecretStore {
  let opened: Promise<ListableStore> | undefined;
  const store = () => (opened ??= open());
  return {
    name,
    fetch: async (names, options) => (await store()).fetch(names, options),
    list: async (options) => (await store()).list(options),
    writable: null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
