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
  for (const { name, tally } of outcomes) write(`${tally.failed === 0 ? 'passed' : 'FAILED'}  ${name}`);
  return sum(outcomes.map(({ tally }) => tally));
}
