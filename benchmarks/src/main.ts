import { benchmarks } from './benchmarks.ts';
import { runCommandLine } from './command-line.ts';

// With `--quick` everything together ends within two minutes.
const limits = { quickMs: 90_000, fullMs: 1_800_000, stopMs: 10_000, cleanUpMs: 20_000 };

await runCommandLine({ args: process.argv.slice(2), benchmarks, limits });
