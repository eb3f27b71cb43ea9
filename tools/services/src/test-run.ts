import { missingNoted } from './missing-parts.ts';
import { parts } from './parts.ts';
import { runVariable } from './run-variable.ts';
import { closeRun, openRun } from './runs.ts';
import { stateFolder } from './state-folder.ts';
import { leaveParts, removeLeftovers } from './use-part.ts';

export type TestRun = AsyncDisposable;

/**
 * Gives the tests of this process and its children a folder for whatever they leave, and removes what killed runs left.
 * At its end the parts that suites used are stopped, and what was skipped is said.
 */
export async function openTestRun(): Promise<TestRun> {
  const state = stateFolder();
  const everyPart = Object.values(parts);
  const run = await openRun(state);
  process.env[runVariable] = run.folder;
  process.env.TMPDIR = run.folder;
  await removeLeftovers(everyPart, state);
  return {
    [Symbol.asyncDispose]: async () => {
      await leaveParts(everyPart, { state, user: run.id });
      const missing = await missingNoted(run);
      await closeRun(run);
      if (missing.length > 0) process.stderr.write(skipped(missing));
    },
  };
}

function skipped(missing: readonly string[]): string {
  return `\nSKIPPED, because parts are missing:\n${missing.map((line) => `  ${line}\n`).join('')}`;
}
