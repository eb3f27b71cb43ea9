import { isMaestroError, MaestroError } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';

/** @param problem - such as: keeps its secrets in a file, /shop/.env */
export function noSecretStore(environment: string, problem: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NO_SECRET_STORE', `${environment} ${problem}`, {
    hint: `set environments.${environment}.secrets to { source: 'aws', regions: ['eu-central-1'] }, or name another environment`,
    details: { environment },
  });
}

/** @param service - that was asked for by name and has a database; null for none */
export function noRotation(environment: string, service: string | null): OrchestratorError {
  const whose = service ?? '<service>';
  const what = service === null ? `${environment} says of no secret` : `${service} says of no secret of its database`;
  return new OrchestratorError('ORCHESTRATOR_NO_ROTATION', `${what} how to rotate it`, {
    hint: `set services.${whose}.database.rotation to { secret: 'DATABASE_LOGIN' }, or name a secret that AWS rotates: maestro secrets rotate <name> -e ${environment}`,
    details: { environment, service },
  });
}

/** The code and the hint are the failure's own; what was rotated before stays so. */
export function rotationStopped(
  failure: unknown,
  { rotated, left }: { readonly rotated: readonly string[]; readonly left: readonly string[] },
): unknown {
  if (!isMaestroError(failure) || rotated.length + left.length === 1) return failure;
  const { code, message, hint, details, retryable } = failure;
  const before = rotated.length === 0 ? 'none' : rotated.join(', ');
  return new MaestroError(code, `${message}; rotated before: ${before}; left: ${left.join(', ')}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, rotated, left },
    retryable,
    cause: failure,
  });
}

export function noContainers(environment: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_NO_CONTAINERS',
    `${environment} runs processes, whose secrets are in no volume: expected the runtime "docker"`,
    {
      hint: `name another environment, or run a command with them: maestro secrets run -e ${environment} -- <command>`,
    },
  );
}

export function noContainerUser(environment: string, services: readonly string[]): OrchestratorError {
  const [service = ''] = services;
  return new OrchestratorError(
    'ORCHESTRATOR_NO_CONTAINER_USER',
    `whom the secrets belong to is not known of ${services.join(', ')}`,
    {
      hint: `set services.${service}.image.user to the numbers of the user that its containers run as, such as "1000:1000"`,
      details: { environment, services },
    },
  );
}
