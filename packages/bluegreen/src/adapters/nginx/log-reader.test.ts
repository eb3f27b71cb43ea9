import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';

import { LogReader } from './log-reader.ts';

async function newLog(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'log');
}

/** Reads on, and tells which lines were handed over; `since` is compared with the number that a line begins with. */
async function readOn(reader: LogReader, log: string, since: number): Promise<readonly string[]> {
  const lines: string[] = [];
  await reader.read([log, `${log}.1`], {
    take: (line) => lines.push(line),
    needsBefore: (line) => Number.parseInt(line, 10) >= since,
  });
  return lines;
}

it('hands over each line once, however the log grows, is renamed and is asked about', async () => {
  const log = await newLog();
  const doing = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), texts: fc.array(fc.string({ maxLength: 12 })) }),
    fc.record({ kind: fc.constant('rename' as const) }),
    fc.record({ kind: fc.constant('read' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(doing, { maxLength: 20 }),
      fc.integer({ min: 64, max: 200 }),
      async (steps, partBytes) => {
        await rm(`${log}.1`, { force: true });
        await writeFile(log, '');
        const reader = new LogReader({ partBytes });
        const [written, read]: [string[], string[]] = [[], []];
        for (const step of [...steps, { kind: 'read' as const }]) {
          if (step.kind === 'write') {
            const lines = step.texts.map((text, index) => `${written.length + index} ${text.replaceAll('\n', ' ')}`);
            written.push(...lines);
            await appendFile(log, lines.map((line) => `${line}\n`).join(''));
          } else if (step.kind === 'read') {
            read.push(...(await readOn(reader, log, 0)));
          } else {
            // A log that is renamed twice without a look at it in between is gone, as nginx's are.
            read.push(...(await readOn(reader, log, 0)));
            await rename(log, `${log}.1`);
            await writeFile(log, '');
          }
        }
        expect(read.toSorted()).toEqual(written.toSorted());
      },
    ),
    { numRuns: 60 },
  );
});

it('reads no further back than is needed, and further when more is', async () => {
  const log = await newLog();
  await writeFile(log, Array.from({ length: 1_000 }, (_, number) => `${number}\n`).join(''));
  const reader = new LogReader({ partBytes: 100 });
  const latest = await readOn(reader, log, 900);
  expect(latest).toContain('900');
  expect(latest.length).toBeLessThan(200);
  expect(await readOn(reader, log, 950)).toEqual([]);
  const earlier = await readOn(reader, log, 500);
  expect(earlier).toContain('500');
  expect(new Set([...latest, ...earlier]).size).toBe(latest.length + earlier.length);
});

it('waits for the end of a line that is being written', async () => {
  const log = await newLog();
  await writeFile(log, '1\n2');
  const reader = new LogReader();
  expect(await readOn(reader, log, 0)).toEqual(['1']);
  await appendFile(log, '3\n4\n');
  expect(await readOn(reader, log, 0)).toEqual(['23', '4']);
});

it('has nothing to read where there is no log', async () => {
  expect(await readOn(new LogReader(), await newLog(), 0)).toEqual([]);
});
