import { afterAll, beforeAll, describe, it } from 'vitest';

import { howToGet, partMissing } from './errors.ts';
import { isObtainable, noteMissing } from './missing-parts.ts';
import { type OpenedSuite, openSuite, type SuiteParts } from './open-suite.ts';
import { type PartName, parts } from './parts.ts';
import { runVariable } from './run-variable.ts';
import { type Run, runOf } from './runs.ts';
import { stateFolder } from './state-folder.ts';

/** The first suite of a run installs and starts what all of them use. */
const openTimeoutMs = 15 * 60_000;
const closeTimeoutMs = 2 * 60_000;

/**
 * Describes tests that need real parts, which are shared with the other suites of the run; the data in them is not.
 * `suite` gives them to hooks and tests. Where a part can neither be found nor installed the tests are skipped, and the
 * run says at its end how to get it; with `CI=true` they fail.
 */
export function describeWith<Name extends PartName>(
  title: string,
  needs: readonly Name[],
  body: (suite: () => SuiteParts<Name>) => void,
): void {
  describe(title, async () => {
    const run = currentRun();
    const missing = await missingOf(needs);
    if (missing.length === 0) {
      describeOpened(run, needs, body);
    } else if (process.env.CI === 'true') {
      it.each(missing)('has $title', (part) => {
        throw partMissing(part);
      });
    } else {
      await noteMissing(run, missing);
      const wanted = missing.map((part) => `${part.title} (${howToGet(part)})`).join(', ');
      describe.skip(`needs ${wanted}`, () => {
        body(notOpened);
      });
    }
  });
}

function describeOpened<Name extends PartName>(
  run: Run,
  needs: readonly Name[],
  body: (suite: () => SuiteParts<Name>) => void,
): void {
  let opened: OpenedSuite<Name> | undefined;
  beforeAll(async () => {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    opened = await openSuite({ needs, run, state: stateFolder(), say });
  }, openTimeoutMs);
  afterAll(() => opened?.[Symbol.asyncDispose](), closeTimeoutMs);
  body(() => opened?.parts ?? notOpened());
}

function notOpened(): never {
  throw new Error('parts are there in hooks and tests, not while tests are described');
}

async function missingOf(needs: readonly PartName[]) {
  const state = stateFolder();
  const wanted = needs.map((name) => parts[name]);
  const obtainable = await Promise.all(wanted.map((part) => isObtainable(part, state)));
  return wanted.filter((_, index) => obtainable[index] !== true);
}

function currentRun(): Run {
  const folder = process.env[runVariable];
  if (folder === undefined) throw new Error("the project's Vitest configuration comes from vitest.preset.ts");
  return runOf(folder);
}
