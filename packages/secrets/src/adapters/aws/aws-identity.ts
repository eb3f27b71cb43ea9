import { type Clock, MaestroError, systemClock, withDeadline } from '@maestro/core';

import type { SecretsErrorCode } from '../../errors.ts';

export interface AwsIdentityOptions {
  readonly region: string;
  /** Where the service is, where it is not at its usual place. */
  readonly endpoint?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** As whom this machine asks AWS. */
export interface AwsIdentity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  /** AWS's clock minus that of this machine, in steps of a second; null where it does not tell the time. */
  readonly clockOffsetMs: number | null;
}

const deadlineMs = 15_000;
const question = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * Asks AWS's token service who is asking; nobody needs a permission for that. Throws `SECRETS_CREDENTIALS` where there are
 * no credentials or AWS does not know them, `SECRETS_UNAVAILABLE` where it does not answer.
 */
export async function awsIdentity(
  options: AwsIdentityOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<AwsIdentity> {
  const { region, clock = systemClock } = options;
  const url = new URL(options.endpoint ?? `https://sts.${region}.amazonaws.com${partOf(region)}`);
  const headers = await signedHeaders(url, region).catch((error: unknown) => {
    throw unknownCaller(error instanceof Error ? error.name : 'unknown');
  });
  const asked = clock.now();
  const ask = async (limited: AbortSignal) => {
    const answer = await fetch(url, { method: 'POST', headers, body: question, signal: limited });
    return { status: answer.status, date: Date.parse(answer.headers.get('date') ?? ''), text: await answer.text() };
  };
  const late = () => unavailable(url, `no answer within ${deadlineMs / 1000} s`);
  const { status, date, text } = await withDeadline(ask, { deadlineMs, clock, signal, onExpired: late }).catch(
    (error: unknown) => {
      signal?.throwIfAborted();
      throw error instanceof TypeError ? unavailable(url, 'it cannot be reached') : error;
    },
  );
  const [account, arn] = [valueOf(text, 'Account'), valueOf(text, 'Arn')];
  if (status >= 500) throw unavailable(url, `it answered with ${status}`);
  if (status !== 200 || account === undefined || arn === undefined)
    throw unknownCaller(valueOf(text, 'Code') ?? `status ${status}`);
  const here = (asked + clock.now()) / 2;
  return { account, arn, clockOffsetMs: Number.isNaN(date) ? null : Math.round(date - here) };
}

/** AWS's own client of the secrets signs this too: what finds and renews credentials comes with it. */
async function signedHeaders(url: URL, region: string): Promise<Record<string, string>> {
  const { SecretsManager } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManager({ region });
  try {
    const { signer } = client.config;
    const signing = typeof signer === 'function' ? await signer() : signer;
    const { headers } = await signing.sign(
      {
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
        body: question,
      },
      { signingService: 'sts', signingRegion: region },
    );
    return headers;
  } finally {
    client.destroy();
  }
}

function partOf(region: string): string {
  return region.startsWith('cn-') ? '.cn' : '';
}

function valueOf(answer: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1];
}

function unavailable({ origin }: URL, why: string): MaestroError<SecretsErrorCode> {
  return new MaestroError('SECRETS_UNAVAILABLE', `sts:GetCallerIdentity at ${origin} failed: ${why}`, {
    hint: 'try it from this machine: aws sts get-caller-identity',
    retryable: true,
  });
}

/** By AWS's own name for it, or its client's. */
function unknownCaller(said: string): MaestroError<SecretsErrorCode> {
  return new MaestroError('SECRETS_CREDENTIALS', `AWS does not know who asks (${said})`, {
    hint: 'log in or choose another profile (aws sso login, AWS_PROFILE), then see: aws sts get-caller-identity',
    details: { aws: said },
  });
}
