import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkDocumentation } from '@maestro/docs';

import { checkDockerfiles } from './dockerfiles/check-dockerfiles.ts';
import { root, runTool } from './run-tool.ts';
import { oneFailure, type Tally } from './tally.ts';
import { readVitestReport } from './vitest-report.ts';

export interface Stage {
  readonly name: string;
  /** Only tests are counted one by one; any other stage counts when it fails, as one. */
  readonly run: () => Promise<Tally>;
}

// Checks change nothing: without this nx would mend the project references it complains about.
const unchanged = '--skipSync';

export const stages: readonly Stage[] = [
  tool('project references', 'nx', ['sync:check']),
  tool('format', 'prettier', ['--check', '--log-level=warn', '.']),
  tool('lint', 'nx', ['run-many', '-t', 'lint', unchanged]),
  tool('types', 'nx', ['run-many', '-t', 'typecheck', unchanged]),
  { name: 'Dockerfiles', run: () => Promise.resolve(checkDockerfiles({ root })) },
  { name: 'documentation', run: runDocumentation },
  tool('unused files, exports and dependencies', 'knip', []),
  { name: 'tests', run: runTests },
];

function tool(name: string, program: string, args: readonly string[]): Stage {
  return {
    name,
    run: async () => ((await runTool(program, args)) ? { passed: 0, failed: 0, skipped: 0 } : oneFailure),
  };
}

async function runDocumentation(): Promise<Tally> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const { problems } = await checkDocumentation({ root, write });
  return { passed: 0, failed: problems.length, skipped: 0, failures: problems };
}

async function runTests(): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-checks-'));
  const report = join(folder, 'vitest.json');
  try {
    const exitedWell = await runTool('vitest', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    return readVitestReport(report, { exitedWell });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
