import type { SecretsManagerApi } from './secrets-manager-api.ts';

export interface SdkClientOptions {
  readonly region: string;
  /** Where the service is, where it is not at its usual place. */
  readonly endpoint?: string | undefined;
}

/**
 * AWS's own client, loaded when it is first needed. It asks as whom AWS's usual chain finds: environment, profile, single
 * sign-on, the machine's role. It says nothing to any logger and tries once: {@link ServiceCalls} repeats.
 */
export async function openSdkClient({ region, endpoint }: SdkClientOptions): Promise<SecretsManagerApi> {
  const { SecretsManager } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManager({ region, maxAttempts: 1, ...(endpoint === undefined ? {} : { endpoint }) });
}
