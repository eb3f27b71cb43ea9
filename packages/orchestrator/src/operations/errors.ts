import { OrchestratorError } from '../errors.ts';

export function notRunning(service: string, place: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NOT_RUNNING', `${service} ${place}`, {
    hint: 'maestro status shows what runs where',
    details: { service },
  });
}
