import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import type { RotatingSecretStore } from '../../ports/rotating-secret-store.ts';
import { AwsSecretStore } from './aws-secret-store.ts';
import { openSdkClient } from './sdk-client.ts';

export interface AwsStoreOptions {
  /**
   * `eu-central-1`: the first is written to and asked; the others, in this order, have replicas and are asked while one
   * before them is out of reach.
   */
  readonly regions: readonly [string, ...string[]];
  /** Stands before each name: `shop/production/`. A name that is an ARN is taken as it is. */
  readonly prefix?: string | undefined;
  /** Time for one call of the store, with all its repetitions; 20 000 by default. */
  readonly deadlineMs?: number | undefined;
  /** Where the service is, where it is not at its usual place. */
  readonly endpoint?: string | undefined;
  /** Told when another region is asked. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * The secrets of AWS Secrets Manager, read and written as whom AWS's usual chain finds. AWS's client is loaded by the
 * first call. Fetching throws SECRETS_CREDENTIALS, SECRETS_DENIED and SECRETS_REJECTED where nothing can be read; writing
 * throws SECRETS_UNAVAILABLE, SECRETS_MISSING, SECRETS_PENDING_DELETION and SECRETS_CONFLICT too.
 */
export function awsStore(options: AwsStoreOptions): RotatingSecretStore & AsyncDisposable {
  const { regions, prefix = '', deadlineMs = 20_000, endpoint, logger = silentLogger, clock = systemClock } = options;
  const open = (region: string) => openSdkClient({ region, endpoint });
  return new AwsSecretStore({ regions, prefix, deadlineMs, open, logger, clock });
}
