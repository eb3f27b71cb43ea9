import { OrchestratorError } from '../errors.ts';

/** @param problem - such as: keeps its secrets in a file, /shop/.env */
export function noSecretStore(environment: string, problem: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NO_SECRET_STORE', `${environment} ${problem}`, {
    hint: `set environments.${environment}.secrets to { source: 'aws', regions: ['eu-central-1'] }, or name another environment`,
    details: { environment },
  });
}
