import { systemClock } from '@maestro/core';

import { check } from './check.ts';
import { narrate } from './narrator.ts';
import { describeProblem } from './problem.ts';

/** What of the documentation is not as it says, and what could not be found out here. */
export interface DocumentationReport {
  /** `docs/guides/canary.md:12: …` */
  readonly problems: readonly string[];
  readonly notChecked: readonly string[];
}

/** Everything but the walkthroughs, which are tests: links, blocks, types, the reference. Takes half a minute. */
export async function checkDocumentation(options: {
  readonly root: string;
  readonly write: (line: string) => void;
}): Promise<DocumentationReport> {
  const { root, write } = options;
  const result = await check({ root, files: [], run: false, emit: () => undefined, clock: systemClock });
  write(narrate(result) ?? '');
  return { problems: result.problems.map(describeProblem), notChecked: result.notChecked.map(describeProblem) };
}
