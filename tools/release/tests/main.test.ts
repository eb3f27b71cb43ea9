import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '..', 'src', 'main.ts');

function release(...args: string[]) {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const env = { ...process.env, GITHUB_ACTIONS: '' };
  return spawnSync(process.execPath, [...flags, main, ...args], { encoding: 'utf8', env, timeout: 4 * 60_000 });
}

describe('npm run release', { timeout: 5 * 60_000 }, () => {
  it.each([[[]], [['unknown']], [['--dry-run', 'version']]])(
    'says how it is used when it is called with %j',
    (args) => {
      const { status, stderr } = release(...args);
      expect(status).toBe(2);
      expect(stderr).toContain('Usage: npm run release');
    },
  );

  it('ends with a result that programs can read', () => {
    const { status, stdout } = release('publish', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'result', ok: false, error: { code: 'RELEASE_OUTSIDE_CI' } });
  });
});
