import { isMaestroError, MaestroError } from '@maestro/core';

import type { SecretsErrorCode } from '../errors.ts';
import type { ContainerSecrets, ListedSecrets, ReinjectSecretsOptions } from './container-secrets.ts';

type SecretsError = MaestroError<SecretsErrorCode>;

interface Failure {
  readonly volume: string;
  readonly error: SecretsError;
}

/** Fills what is not filled, one volume after the other; what fails for one keeps no other one empty. */
export async function reinjectEmptied(
  containers: Pick<ContainerSecrets, 'inject' | 'list'>,
  { secretsFor, signal }: ReinjectSecretsOptions,
): Promise<readonly ListedSecrets[]> {
  const filled: ListedSecrets[] = [];
  const failures: Failure[] = [];
  for (const emptied of await containers.list({ signal })) {
    if (emptied.state === 'filled') continue;
    const { service, slot, owner, volume } = emptied;
    try {
      const secrets = await secretsFor({ service, slot });
      if (secrets === undefined) continue;
      await containers.inject({ service, slot, owner, secrets, signal });
      filled.push(emptied);
    } catch (error) {
      if (signal?.aborted === true || !isMaestroError<SecretsErrorCode>(error)) throw error;
      failures.push({ volume, error });
    }
  }
  const [first] = failures;
  if (first !== undefined) throw stillEmpty(first, failures, filled);
  return filled;
}

/** What kept volumes empty, with what was filled; the code and the hint are those of the first of them. */
function stillEmpty(first: Failure, failures: readonly Failure[], filled: readonly ListedSecrets[]): SecretsError {
  const { code, hint } = first.error;
  const told = failures.map(({ volume, error }) => `${volume}: ${error.message}`).join('; ');
  return new MaestroError(code, `${failures.length} of ${failures.length + filled.length} stay empty: ${told}`, {
    ...(hint === undefined ? {} : { hint }),
    details: {
      filled: filled.map(({ volume }) => volume),
      failed: failures.map(({ volume, error }) => ({ volume, code: error.code })),
    },
    retryable: failures.some(({ error }) => error.retryable),
    cause: first.error,
  });
}
