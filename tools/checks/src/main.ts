import { messageOf } from '@maestro/core';
import { installParts } from '@maestro/services';

import { runStages } from './run-stages.ts';
import { stages } from './stages.ts';
import { isSuccess, summaryLine } from './tally.ts';

const write = (line: string) => process.stdout.write(`${line}\n`);
const ci = process.env.CI === 'true';

// Suites would install what they need, too, one part after the other. Those whose part cannot be had say so themselves.
await installParts({ say: write }).catch((error: unknown) => write(messageOf(error)));
const total = await runStages({ stages, write });
if (ci && total.skipped > 0) write('Skipped tests fail where CI=true: everything they need must be there.');
write(summaryLine(total));
process.exitCode = isSuccess(total, { ci }) ? 0 : 1;
