import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { type Clock, Redacted, systemClock } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';
import type { Credentials, CredentialSource } from '../oci/credentials.ts';
import { type Fetched, TokenCache } from '../oci/token-cache.ts';
import { EcrApi, type EcrApiOptions } from './ecr-api.ts';
import { type EcrRegistry, ecrRegistryOf } from './ecr-registry.ts';

export interface EcrCredentialsOptions {
  /** The registry's region, where its host does not say it: behind a VPC endpoint or a name of one's own. */
  readonly region?: string | undefined;
  /** Where AWS's interface is, where it is not at its usual place. */
  readonly endpoint?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** A token must also live through the upload that it began. */
const marginMs = 5 * 60_000;
/** Only what a header can hold: of anything, decoding makes some bytes. */
const loginGrammar = /^([\x21-\x39\x3b-\x7e]+):([\x21-\x7e]+)$/;

/**
 * The logins of Amazon ECR, for `openOciImageStore` and others: AWS's usual chain says who asks. A token is fetched once
 * for all who want it, and again shortly before it expires (after 12 hours) or when a registry refuses it. Undefined for
 * hosts that are not ECR's, unless `region` is given. Throws `IMAGE_STORE_CREDENTIALS`, `IMAGE_STORE_DENIED`,
 * `IMAGE_STORE_UNREACHABLE`, `IMAGE_STORE_UNEXPECTED_ANSWER`.
 */
export function ecrCredentials(options: EcrCredentialsOptions = {}): CredentialSource {
  const { endpoint, clock = systemClock } = options;
  const tokens = new TokenCache<Credentials>(clock);
  return async (host, { refused } = {}) => {
    const place = placeOf(host, options);
    if (place === undefined) return undefined;
    const { region, fips, dualStack } = place;
    // A token is good for every registry of the region that its holder may use.
    const fetch = () => fetchToken({ region, fips, dualStack, endpoint, clock });
    return tokens.get(JSON.stringify([region, fips, dualStack]), fetch, refused);
  };
}

function placeOf(host: string, { region }: EcrCredentialsOptions): Omit<EcrRegistry, 'account'> | undefined {
  const registry = ecrRegistryOf(host);
  if (region === undefined) return registry;
  return { region, fips: registry?.fips ?? false, dualStack: registry?.dualStack ?? false };
}

/** All who wait for the token share it, so that it is not for the signal of one of them to end. */
async function fetchToken(options: EcrApiOptions): Promise<Fetched<Credentials>> {
  const api = new EcrApi(options);
  const { authorizationData = [] } = await api.ask({
    action: 'GetAuthorizationToken',
    send: (client, sending) => client.send(new GetAuthorizationTokenCommand(), sending),
  });
  const [{ authorizationToken = '', expiresAt } = {}] = authorizationData;
  const [, username, password] = loginGrammar.exec(Buffer.from(authorizationToken, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined) {
    const message = `ecr:GetAuthorizationToken in ${api.region} answered with something else than a token`;
    throw new ImageStoreError('IMAGE_STORE_UNEXPECTED_ANSWER', message, {
      hint: `see that it answers: aws ecr get-login-password --region ${api.region} | wc -c`,
      details: { region: api.region },
    });
  }
  const usableMs = (expiresAt?.getTime() ?? 0) - options.clock.now() - marginMs;
  return { value: { username, password: new Redacted(password) }, usableMs };
}
