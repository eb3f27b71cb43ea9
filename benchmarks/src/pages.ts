import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { benchmarks } from './benchmarks.ts';
import { readFaultResults } from './faults/fault-results.ts';
import { faultsOfRun } from './faults/faults-of-runs.ts';
import { type BenchmarkSection, benchmarksPage } from './pages/benchmarks-page.ts';
import { reliabilityPage } from './pages/reliability-page.ts';
import { readStoredRun } from './results/stored-run.ts';

/** A generated page of the documentation. */
export interface ResultPage {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

const results = join(import.meta.dirname, '../results');

/** The pages that are made of the results under version control, as they have to be. */
export async function resultPages(): Promise<readonly ResultPage[]> {
  const sections = await Promise.all(benchmarks.map(({ name, summary }) => sectionOf(name, summary)));
  const ofRuns = sections.flatMap(({ run }) => (run === undefined ? [] : (faultsOfRun(run) ?? [])));
  const faults = [...(await readFaultResults(join(results, 'faults'))), ...ofRuns];
  return [
    { path: 'docs/benchmarks.md', text: benchmarksPage(sections) },
    { path: 'docs/reliability.md', text: reliabilityPage(faults) },
  ];
}

async function sectionOf(name: string, summary: string): Promise<BenchmarkSection> {
  const about = await readFile(join(import.meta.dirname, 'benchmarks', name, 'about.md'), 'utf8');
  return { name, summary, about: about.trim(), run: await readStoredRun(results, name) };
}
