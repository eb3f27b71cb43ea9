import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { sampleMetrics } from '../testing/operations-data.ts';
import { runMaestro } from '../testing/run-maestro.ts';
import { release } from '../testing/sample-data.ts';

const environment = { metrics: () => Promise.resolve(sampleMetrics) };
const text = `# HELP maestro_generation The number.\n# TYPE maestro_generation gauge\nmaestro_generation{release="${release}"} 41\n`;

it('prints what Prometheus reads', async () => {
  expect(await runMaestro('metrics -e production', { environment })).toMatchObject({ exitCode: 0, stdout: text });
  const { jsonLines } = await runMaestro('metrics -e production --json', { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, metrics: sampleMetrics, file: null }]);
});

it('writes it to a file that others may read, and leaves nothing else there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-metrics-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'maestro.prom');
  const finished = await runMaestro(`metrics --out ${file} -e production`, { environment });
  expect(finished).toMatchObject({ exitCode: 0, stdout: `Wrote ${file}\n` });
  expect(await readFile(file, 'utf8')).toBe(text);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  expect(await readdir(folder)).toEqual(['maestro.prom']);
});
