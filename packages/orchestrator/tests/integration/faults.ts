import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { type CheckFinding, examineEnvironment } from '../../src/index.ts';

/** What the examination of an environment says about one check. */
export async function finding(place: {
  readonly config: string;
  readonly environment?: string;
  readonly check: string;
}): Promise<CheckFinding> {
  const { config, environment = 'demo', check } = place;
  const { findings } = await examineEnvironment({ config, environment });
  const found = findings.find((one) => one.check === check);
  if (found !== undefined) return found;
  throw new Error(`expected the check ${check} among ${findings.map((one) => one.check).join(', ')}`);
}

export async function run(cwd: string, command: string, ...args: readonly string[]): Promise<void> {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await promisify(execFile)(command, [...(command === 'git' ? author : []), ...args], { cwd });
}
