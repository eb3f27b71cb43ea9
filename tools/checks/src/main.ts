import { runStages } from './run-stages.ts';
import { ensureSkopeo } from './skopeo.ts';
import { stages } from './stages.ts';
import { isSuccess, summaryLine } from './tally.ts';

const write = (line: string) => process.stdout.write(`${line}\n`);
const ci = process.env.CI === 'true';

ensureSkopeo();
const total = await runStages({ stages, write });
if (ci && total.skipped > 0) write('Skipped tests fail where CI=true: everything they need must be there.');
write(summaryLine(total));
process.exitCode = isSuccess(total, { ci }) ? 0 : 1;
