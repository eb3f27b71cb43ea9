import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FaultRecord } from '@maestro/services/faults';

import type { Machine } from '../machine.ts';

/** What one file of tests did to break promises, as it is stored. */
export interface FaultResults {
  /** From the repository's root. */
  readonly file: string;
  readonly machine: Machine;
  /** When the run began. */
  readonly at: string;
  readonly tests: readonly FaultTest[];
}

export interface FaultTest {
  readonly name: string;
  readonly passed: boolean;
  readonly faults: readonly FaultRecord[];
}

/** All that is kept, by file; none where nothing is. */
export async function readFaultResults(folder: string): Promise<readonly FaultResults[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as FaultResults));
}
