import { MaestroError, messageOf } from '@maestro/core';

import type { SecretsErrorCode } from '../../errors.ts';
import type { SecretFailure, SecretFailureReason } from '../../ports/secret-store.ts';

export type AwsError = MaestroError<SecretsErrorCode>;

export interface AwsQuestion {
  /** `BatchGetSecretValue`, as permissions name it too. */
  readonly action: string;
  readonly region: string;
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
const tooMuch = new Set([
  'RequestThrottled',
  'RequestThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const shownCharacters = 300;

/**
 * What AWS or its client says, as this package's error. It is never the cause: it holds the request and the answer, with
 * values. AWS's words are repeated only where it refuses access, as they name who asked: others may quote a value.
 */
export function awsFailure(error: unknown, { action, region }: AwsQuestion): AwsError {
  const name = awsErrorName(error);
  const place = `secretsmanager:${action} in ${region}`;
  const details = { action, region, aws: name };
  if (isPassing(error)) {
    return new MaestroError('SECRETS_UNAVAILABLE', `${place} failed: ${name}`, {
      hint: `try it from this machine: aws secretsmanager list-secrets --max-results 1 --region ${region}`,
      details,
      retryable: true,
    });
  }
  if (whoAsks.has(name)) {
    return new MaestroError('SECRETS_CREDENTIALS', `${place}: AWS does not know who asks (${name})`, {
      hint: 'log in or choose another profile (aws sso login, AWS_PROFILE), then see: aws sts get-caller-identity',
      details,
    });
  }
  if (name === 'AccessDeniedException' || statusOf(error) === 403) {
    const said = messageOf(error).slice(0, shownCharacters);
    return new MaestroError('SECRETS_DENIED', `${place} is not allowed: ${said}`, {
      hint: `allow secretsmanager:${action} to who asks: aws sts get-caller-identity`,
      details,
    });
  }
  return new MaestroError('SECRETS_REJECTED', `${place} was not accepted: ${name}`, {
    hint: 'see what the service accepts: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html',
    details,
  });
}

/** AWS's own name of what went wrong: `ResourceNotFoundException`. */
export function awsNameIn(error: AwsError): string {
  const name = error.details?.aws;
  return typeof name === 'string' ? name : 'unknown';
}

/** Why a secret of a batch was not given, by AWS's name for it. */
export function failureReason(name: string | undefined): SecretFailureReason {
  switch (name) {
    case 'ResourceNotFoundException':
      return 'missing';
    case 'InvalidRequestException':
      // Of a value that is only read, AWS says this when the secret waits for its deletion.
      return 'pending-deletion';
    case 'AccessDeniedException':
      return 'denied';
    case 'DecryptionFailure':
    case 'DecryptionFailureException':
      return 'undecryptable';
    default:
      return 'unavailable';
  }
}

/** A secret's failure with what to do about it. */
export function failureOf(reason: SecretFailureReason, id: string, region: string): SecretFailure {
  const of = `--secret-id ${id} --region ${region}`;
  const hints: Readonly<Partial<Record<SecretFailureReason, string>>> = {
    missing: `create it: aws secretsmanager create-secret --name ${id} --region ${region} --secret-string file://<file>`,
    'pending-deletion': `take its deletion back: aws secretsmanager restore-secret ${of}`,
    'version-gone': `see which versions there are: aws secretsmanager list-secret-version-ids ${of}`,
    denied: 'allow secretsmanager:GetSecretValue on it to who asks: aws sts get-caller-identity',
    undecryptable: `allow kms:Decrypt on its key to who asks, see: aws secretsmanager describe-secret ${of}`,
  };
  return { reason, hint: hints[reason] };
}

function awsErrorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** Too many requests, a fault of the service's, a clock that was set right just now, or no answer at all. */
function isPassing(error: unknown): boolean {
  if (tooMuch.has(awsErrorName(error)) || metadataOf(error).clockSkewCorrected === true) return true;
  const status = statusOf(error);
  // Below 400 the service did as it was asked, and its answer was cut off or cannot be read.
  if (status !== undefined) return status < 400 || status === 429 || status >= 500;
  return error instanceof Error && (error.name === 'TimeoutError' || 'code' in error);
}

function statusOf(error: unknown): number | undefined {
  return metadataOf(error).httpStatusCode;
}

function metadataOf(error: unknown): { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean } {
  return error instanceof Error && '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : {};
}
