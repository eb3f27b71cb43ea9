import { createScrubber } from '@maestro/secrets';

import type { ServiceDefinition } from './release-definition.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Takes the release's secrets out of what an instance said. One that was kept warm may know earlier values, which are not
 * at hand: nothing it said is shown.
 */
export function scrubInstance(run: ReleaseRun, service: ServiceDefinition): (text: string) => string {
  const isReused = run.moveOf(service.name)?.kind === 'reuse';
  if (isReused && service.secrets.length > 0) return () => 'withheld: it may hold a secret';
  const scrubber = createScrubber([...run.secrets.values()].flatMap((secrets) => Object.values(secrets)));
  return (text) => scrubber.scrub(text);
}
