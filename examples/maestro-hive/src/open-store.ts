import type { SecretStore } from '@maestro/secrets';

import type { Source } from './settings.ts';

/** Loads what the source needs and no more: without AWS its client stays on the disk. */
export async function openStore(source: Source): Promise<SecretStore> {
  if (source.kind === 'dotenv') {
    const { dotenvStore, loadFingerprintKey } = await import('@maestro/secrets/dotenv');
    return dotenvStore({ file: source.file, fingerprintKey: await loadFingerprintKey(source.fingerprintKeyFile) });
  }
  const { awsStore } = await import('@maestro/secrets/aws');
  const { region, prefix, endpoint } = source;
  return awsStore({ regions: [region], prefix, endpoint });
}
