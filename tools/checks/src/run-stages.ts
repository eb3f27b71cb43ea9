import type { Stage } from './stages.ts';
import { oneFailure, sum, type Tally } from './tally.ts';

export interface RunStagesOptions {
  readonly stages: readonly Stage[];
  readonly write: (line: string) => void;
}

/** Runs every stage, also after one has failed: who mends something wants to know about everything. */
export async function runStages({ stages, write }: RunStagesOptions): Promise<Tally> {
  const outcomes: { readonly name: string; readonly tally: Tally }[] = [];
  for (const { name, run } of stages) {
    write(`\n── ${name}`);
    const tally = await run().catch((error: unknown) => {
      write(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return oneFailure;
    });
    write(`── ${name}: ${tally.failed === 0 ? 'passed' : 'FAILED'}`);
    outcomes.push({ name, tally });
  }
  write('');
  // Where only the end of a long output is kept, it says what failed.
  for (const { name, tally } of outcomes) {
    write(`${tally.failed === 0 ? 'passed' : 'FAILED'}  ${name}`);
    for (const failure of tally.failures ?? []) write(failure.replaceAll(/^/gm, '        '));
  }
  return sum(outcomes.map(({ tally }) => tally));
}
