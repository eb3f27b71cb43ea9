import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { howToGet } from './errors.ts';
import { usualServer } from './find-server.ts';
import type { Part } from './part.ts';
import { findProgramsOf, isInstallable } from './programs.ts';
import type { Run } from './runs.ts';
import { runningAndAnswering } from './shared-server.ts';
import type { StateFolder } from './state-folder.ts';

/** Whether a suite can have a part, be it after an installation. A variable that leads nowhere is not passed over. */
export async function isObtainable(part: Part, state: StateFolder): Promise<boolean> {
  if (process.env[part.variable] !== undefined) return true;
  if (findProgramsOf(part) !== undefined || isInstallable(part)) return true;
  if (part.kind === 'own') return false;
  return ((await runningAndAnswering(part, state)) ?? (await usualServer(part))) !== undefined;
}

/** Remembers for the end of the run what a suite could not have. */
export async function noteMissing(run: Run, missing: readonly Part[]): Promise<void> {
  for (const part of missing) await appendFile(noteFile(run), `${part.title}: ${howToGet(part)}\n`);
}

/** One line a part that suites of the run were skipped for. */
export async function missingNoted(run: Run): Promise<readonly string[]> {
  const lines = await readFile(noteFile(run), 'utf8').catch(() => '');
  return [...new Set(lines.split('\n').filter((line) => line !== ''))].sort();
}

function noteFile({ folder }: Run): string {
  return join(folder, 'missing-parts');
}
