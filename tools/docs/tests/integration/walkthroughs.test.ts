import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { readDocuments, repositoryFiles } from '../../src/markdown/repository-files.ts';
import { describeProblem } from '../../src/problem.ts';
import { alone } from '../../src/walkthrough/alone.ts';
import { type NpmSource, openNpmSource } from '../../src/walkthrough/npm-source.ts';
import { runWalkthrough } from '../../src/walkthrough/run-walkthrough.ts';
import { partsOf } from '../../src/walkthrough/walk.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const documents = readDocuments(root, await repositoryFiles(root));
// The first npm install brings everything from the registry, and somebody else may follow walkthroughs at the same time.
const deadlineMs = 40 * 60_000;

let npm: NpmSource;
const say = (line: string) => process.stderr.write(`${line}\n`);

beforeAll(async () => {
  npm = await openNpmSource({ root, clock: systemClock, say });
}, deadlineMs);
afterAll(() => npm[Symbol.asyncDispose]());

for (const document of documents.filter(({ walkthrough }) => walkthrough !== null)) {
  describeWith(document.path, partsOf(document), (suites) => {
    it(
      'is as it says, block for block',
      async () => {
        using _ = await alone({ clock: systemClock });
        const { npmrc, npmCache } = npm;
        const common = { document, suites: suites(), npmrc, npmCache, say, clock: systemClock };
        const problems = await runWalkthrough({ ...common, onStep: () => undefined });
        expect(problems.map(describeProblem)).toEqual([]);
      },
      deadlineMs,
    );
  });
}
