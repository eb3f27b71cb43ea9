import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { runTool } from '../src/run-tool.ts';
import { readVitestReport } from '../src/vitest-report.ts';

async function countTestsOf(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-checks-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  const report = join(folder, 'report.json');
  const options = ['--root', folder, '--globals', '--reporter=json', `--outputFile.json=${report}`];
  const exitedWell = await runTool('vitest', ['run', ...options]);
  return readVitestReport(report, { exitedWell });
}

it('counts passed, failed, skipped and todo tests', async () => {
  const tests = `it('a', () => {}); it('b', () => { throw new Error('b'); }); it.skip('c', () => {}); it.todo('d');`;
  expect(await countTestsOf({ 'a.test.js': tests })).toMatchObject({ passed: 1, failed: 1, skipped: 2 });
});

it('names the tests that failed, and the files that cannot be loaded, with the beginning of their errors', async () => {
  const tests = `describe('sums', () => { it('adds', () => { throw new Error('b'); }); });`;
  const { failures } = await countTestsOf({ 'a.test.js': tests, 'b.test.js': `import './missing.js';` });
  expect(failures).toEqual([
    expect.stringMatching(/a\.test\.js > sums adds:\n {2}Error: b\n/u),
    expect.stringMatching(/b\.test\.js:\n.*missing\.js/u),
  ]);
});

it('counts a file that cannot be loaded as a failure', async () => {
  const files = { 'a.test.js': `it('a', () => {});`, 'b.test.js': `import './missing.js';` };
  expect(await countTestsOf(files)).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
});

it('counts an error outside of every test as a failure', async () => {
  const tests = `it('a', () => { void Promise.reject(new Error('nobody waits for this')); });`;
  expect(await countTestsOf({ 'a.test.js': tests })).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
});

it('takes a run without a report for a failure', () => {
  expect(readVitestReport('/nonexistent/report.json', { exitedWell: true })).toEqual({
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});
