import { join } from 'node:path';

import { benchmarks } from './benchmarks.ts';
import { runCommandLine } from './command-line.ts';
import { runFaultTests } from './faults/run-fault-tests.ts';

// With `--quick` everything together ends within two minutes.
const limits = { quickMs: 90_000, fullMs: 1_800_000, stopMs: 10_000, cleanUpMs: 20_000 };
const results = join(import.meta.dirname, '../results');

const args = process.argv.slice(2);
if (args[0] === 'faults') {
  process.exitCode = await runFaultTests({ filters: args.slice(1), folder: join(results, 'faults') });
} else {
  await runCommandLine({ args, benchmarks, limits, results });
}
