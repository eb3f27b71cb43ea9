// A service of the old version, as a process of its own: node old-service.ts <folder> <target>.
// Reads and writes until SIGTERM, then prints what it did, and everything that failed, as a JSON line.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

const { file } = JSON.parse(process.argv[3] ?? '') as { readonly file: string };
const connection = new DatabaseSync(file, { timeout: 5000 });
const insert = connection.prepare('INSERT INTO orders (total) VALUES (?)');
const count = connection.prepare('SELECT count(*) AS count FROM orders');
const print = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

const stop = new AbortController();
process.on('SIGTERM', () => {
  stop.abort();
});

const failures: string[] = [];
let written = 0;
let longestReadMs = 0;
print({ type: 'serving' });
while (!stop.signal.aborted) {
  try {
    const before = performance.now();
    count.get();
    longestReadMs = Math.max(longestReadMs, performance.now() - before);
    insert.run(written);
    written += 1;
  } catch (error) {
    failures.push(String(error));
  }
  await setTimeout(2);
}
print({ type: 'stopped', written, longestReadMs, failures });
