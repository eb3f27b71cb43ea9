import { messageOf } from '@maestro/core';

import { ImageStoreError } from '../../errors.ts';

export interface EcrQuestion {
  /** `CreateRepository`, as permissions name it too. */
  readonly action: string;
  readonly region: string;
  /** What must not be repeated, should AWS or its client repeat it. */
  readonly secrets: readonly string[];
}

const whoAsks = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);
const tooMuch = new Set(['RequestThrottled', 'Throttling', 'ThrottlingException', 'TooManyRequestsException']);
const shownCharacters = 300;

/**
 * What AWS or its client says, as this package's error. It is never the cause: it holds the request, with what signed it.
 * For the same reason nothing is repeated of a refused signature, nor of an answer that cannot be read.
 */
export function ecrFailure(error: unknown, { action, region, secrets }: EcrQuestion): ImageStoreError {
  const name = ecrErrorName(error);
  const place = `ecr:${action} in ${region}`;
  const details = { action, region, aws: name };
  if (whoAsks.has(name)) {
    return new ImageStoreError('IMAGE_STORE_CREDENTIALS', `${place}: AWS does not know who asks (${name})`, {
      hint: 'log in or choose another profile (aws sso login, AWS_PROFILE), then see: aws sts get-caller-identity',
      details,
    });
  }
  const said = error instanceof SyntaxError ? 'the answer cannot be read' : shown(error, secrets);
  if (name === 'AccessDeniedException' || statusOf(error) === 403) {
    return new ImageStoreError('IMAGE_STORE_DENIED', `${place} is not allowed: ${said}`, {
      hint: `allow ecr:${action} to the account that asks: aws sts get-caller-identity`,
      details,
    });
  }
  if (isPassing(error)) {
    return new ImageStoreError('IMAGE_STORE_UNREACHABLE', `${place} failed: ${said}`, {
      hint: `try it from this machine: aws ecr describe-registry --region ${region}`,
      details,
      retryable: true,
    });
  }
  return new ImageStoreError('IMAGE_STORE_UNEXPECTED_ANSWER', `${place} failed: ${said}`, {
    hint: `see what it says to others: aws ecr describe-registry --region ${region}`,
    details,
  });
}

/** `RepositoryNotFoundException` */
function ecrErrorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** Too many requests, a fault of the service's, or no answer at all. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (tooMuch.has(ecrErrorName(error)) || status === 429) return true;
  if (status !== undefined) return status >= 500;
  return error instanceof Error && (error.name === 'TimeoutError' || 'code' in error);
}

function shown(error: unknown, secrets: readonly string[]): string {
  const text = `${ecrErrorName(error)}: ${messageOf(error)}`;
  return secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text).slice(0, shownCharacters);
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}
