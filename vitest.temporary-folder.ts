import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** Gives a run one folder for everything its tests leave in the folder for temporary files, and removes it at the end. */
export function setup(): void {
  // Each project of a run comes by here; the first one's folder serves them all.
  if (process.env.MAESTRO_TESTS_RUN !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'maestro-tests-'));
  process.env.MAESTRO_TESTS_RUN = folder;
  process.env.TMPDIR = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
