import { isMaestroError, MaestroError } from '@maestro/core';

import { missing, pendingDeletion, rejected, type SecretsErrorCode } from '../../errors.ts';
import type { ManagedSecretStore, WriteSecretOptions, WrittenSecret } from '../../ports/managed-secret-store.ts';
import { isOpenRotation } from '../../rotation/rotation-step.ts';
import { awsNameIn } from './aws-errors.ts';
import type { AwsSecretWriterOptions } from './aws-secret-writer.ts';

export interface ServiceRotationOptions extends AwsSecretWriterOptions {
  readonly describe: ManagedSecretStore['describe'];
}

/** Asks for a rotation by the Lambda of a secret. The same token begins it once, however often it is asked for. */
export async function startServiceRotation(
  { calls, names, store, deadlineMs, clock, describe }: ServiceRotationOptions,
  name: string,
  { token = crypto.randomUUID(), signal }: WriteSecretOptions = {},
): Promise<WrittenSecret> {
  const SecretId = names.idOf(name);
  if (SecretId === undefined) throw rejected(store, name, 'it is no name there');
  const described = await describe(name, { signal });
  if (described === undefined) throw missing(store, name);
  if (described.deletedAt !== undefined) {
    const restore = `aws secretsmanager restore-secret --secret-id ${SecretId} --region ${calls.region}`;
    throw pendingDeletion(store, name, `take its deletion back: ${restore}`);
  }
  const input = { SecretId, ClientRequestToken: token, RotateImmediately: true };
  try {
    const { VersionId: version = token } = await calls.ask({
      action: 'RotateSecret',
      until: clock.monotonic() + deadlineMs,
      send: (api, call) => api.rotateSecret(input, call),
      signal,
    });
    return { version };
  } catch (error) {
    if (!isMaestroError<SecretsErrorCode>(error) || error.code !== 'SECRETS_REJECTED') throw error;
    if (awsNameIn(error) !== 'InvalidRequestException') throw error;
    // The service says the same of a rotation that it goes on with, and of one that nothing is set up for.
    const { pending } = described.stages;
    if (pending !== undefined && isOpenRotation(described.stages)) return { version: pending };
    throw new MaestroError('SECRETS_REJECTED', `${name} in ${store} has no Lambda that rotates it`, {
      hint: 'say how to rotate it (database.rotation of a service; rotateSecret in a script), or give it one: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html',
      details: { store, name },
    });
  }
}
