import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import type { Place } from './place.ts';

/** Node alone, which everything else stands on. */
export function startOfNode(signal: AbortSignal): () => Promise<number> {
  return () => elapsedMs(() => promisify(execFile)(process.execPath, ['--eval', '0'], { signal }));
}

export async function compareVersionStart({ program, signal }: Pick<Place, 'program' | 'signal'>, context: Context) {
  await context.pair({
    name: 'maestro --version',
    unit: 'ms',
    rounds: context.quick ? 10 : 60,
    ours: () => elapsedMs(() => promisify(execFile)(process.execPath, [program, '--version'], { signal })),
    peer: { name: 'node -e 0', measure: startOfNode(signal) },
    bar: { of: 'ratio', atMost: 2 },
  });
}
