import type { Clock } from '@maestro/core';
import { type PartName, partNames, useParts } from '@maestro/services';

import type { DocsEvent } from '../events.ts';
import type { MarkdownDocument } from '../markdown/document.ts';
import type { Problem } from '../problem.ts';
import { alone } from './alone.ts';
import { openNpmSource } from './npm-source.ts';
import { runWalkthrough } from './run-walkthrough.ts';

export interface WalkOptions {
  readonly root: string;
  readonly documents: readonly MarkdownDocument[];
  readonly emit: (event: DocsEvent) => void;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the walkthroughs among documents one after the other, each with the parts it names. */
export async function walk(options: WalkOptions): Promise<readonly Problem[]> {
  const { root, documents, emit, clock, signal } = options;
  const say = (line: string) => {
    emit({ type: 'progress', line });
  };
  const walkthroughs = documents.filter(({ walkthrough }) => walkthrough !== null);
  if (walkthroughs.length === 0) return [];
  await using npm = await openNpmSource({ root, clock, say, signal });
  const problems: Problem[] = [];
  for (const document of walkthroughs) {
    const { path: file, title } = document;
    emit({ type: 'walkthrough-started', file, title });
    const begun = clock.monotonic();
    using _ = await alone({ clock, signal });
    await using used = await useParts({ needs: partsOf(document), say });
    const found = await runWalkthrough({
      document,
      suites: used.parts,
      npmrc: npm.npmrc,
      npmCache: npm.npmCache,
      onStep: (report) => {
        emit({ type: 'step', ...report });
      },
      say,
      clock,
      signal,
    });
    emit({ type: 'walkthrough-finished', file, durationMs: clock.monotonic() - begun, ok: found.length === 0 });
    problems.push(...found);
  }
  return problems;
}

/** The parts that a walkthrough names, as far as there are such. */
export function partsOf({ walkthrough }: MarkdownDocument): readonly PartName[] {
  return partNames.filter((name) => walkthrough?.needs.includes(name));
}

/** Parts that a walkthrough names and nobody knows. */
export function unknownParts({ path, walkthrough }: MarkdownDocument): readonly Problem[] {
  const known: readonly string[] = partNames;
  return (walkthrough?.needs ?? [])
    .filter((name) => !known.includes(name))
    .map((name) => ({
      file: path,
      line: walkthrough?.line ?? 1,
      message: `there is no part ${name}: ${known.join(', ')}`,
    }));
}
