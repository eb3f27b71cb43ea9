// A runner as a process of its own: node runner.ts <folder> <target> [<number of the call it kills itself at>].
// Prints each event, then what it applied, as JSON lines.
import { openMigrations } from '../../src/index.ts';
import { killingItself } from '../self-killing-database.ts';
import { openTarget, type Target } from '../target.ts';

const [folder = '', target = '', killAt = ''] = process.argv.slice(2);
const print = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

const database = await openTarget(JSON.parse(target) as Target);
const migrations = openMigrations({
  service: 'api',
  folder,
  database: killAt === '' ? database : killingItself(database, Number(killAt)),
  onEvent: print,
  // As many runners as there are wait for the one that is at work.
  lockDeadlineMs: 300_000,
});
const { applied } = await migrations.run();
await migrations[Symbol.asyncDispose]();
print({ type: 'result', applied: applied.map(({ name }) => name) });
