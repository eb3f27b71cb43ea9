// A runner as a process of its own: node runner.ts <folder> <file>.
// Prints each event, then what it applied, as JSON lines.
import { openMigrations } from '../../src/index.ts';
import { sqliteDatabase } from '../../src/sqlite.ts';

const [folder = '', file = ''] = process.argv.slice(2);
const print = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

const migrations = openMigrations({
  service: 'api',
  folder,
  database: sqliteDatabase({ file }),
  onEvent: print,
});
const { applied } = await migrations.run();
await migrations[Symbol.asyncDispose]();
print({ type: 'result', applied: applied.map(({ name }) => name) });
