import { OrchestratorError } from '../errors.ts';

/** A new version got traffic, and did worse with it than the one before. */
export function versionWorse(release: string, findings: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_VERSION_WORSE',
    `release ${release} is worse than the one before: ${findings}`,
    {
      hint: 'maestro history; mend it, commit, and deploy again, or raise the limits of the environment',
      details: { release, findings },
    },
  );
}
