import { messageOf } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';

export function notRunning(service: string, place: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NOT_RUNNING', `${service} ${place}`, {
    hint: 'maestro status shows what runs where',
    details: { service },
  });
}

export function logWithheld(service: string, cause: unknown): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_LOG_WITHHELD',
    `the log of ${service} is withheld, since the secrets to take out of it cannot be looked up: ${messageOf(cause)}`,
    { hint: `maestro logs ${service} --unredacted shows it with the secrets in it`, details: { service }, cause },
  );
}
