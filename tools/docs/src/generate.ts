import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { resultPages } from '@maestro/benchmarks/pages';

import { loadCommandLine } from './command-line.ts';
import type { DocsEvent, DocsResult } from './events.ts';
import { writeApiPages } from './reference/api-pages.ts';
import { writeReference } from './reference/reference.ts';

export interface GenerateOptions {
  readonly root: string;
  readonly emit: (event: DocsEvent) => void;
  /** A new folder for the pages of the packages' exports; none are made by default. */
  readonly api?: string | undefined;
}

/** Writes the reference from the sources, and the pages of figures from the results that are kept. */
export async function generate({ root, emit, api }: GenerateOptions): Promise<DocsResult> {
  const { written, problems } = await writeReference({ root, commandLine: await loadCommandLine(root) });
  for (const page of written) emit({ type: 'generated', ...page });
  const figures = await resultPages();
  for (const { path, text } of figures) await writeFile(join(root, path), text);
  if (api !== undefined) await writeApiPages({ root }, resolve(api));
  return {
    type: 'result',
    ok: problems.length === 0,
    counts: { pages: written.length + figures.length },
    problems,
    notChecked: [],
  };
}
