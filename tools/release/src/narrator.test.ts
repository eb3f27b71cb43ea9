import { describe, expect, it } from 'vitest';

import { narrate } from './narrator.ts';

const trial = { package: '@maestro/core', node: '22.23.3', ok: true, types: true, durationMs: 1_500, exports: 4 };

describe('narrate', () => {
  it('ends with a table of what was tried', () => {
    const row = { package: '@maestro/core', from: '0.1.0', version: '0.2.0', bytes: 13_500, trials: [trial] };
    const failed = {
      ...row,
      package: '@maestro/secrets',
      from: '0.2.0',
      trials: [{ ...trial, ok: false, types: false }],
    };
    const problem = { subject: '@maestro/secrets', check: 'Node 22.23.3', message: 'npm install ended with 1' };
    const text = narrate({
      type: 'result',
      ok: false,
      durationMs: 90_000,
      packages: [row, failed],
      problems: [problem],
    });
    expect(text?.split('\n')).toEqual([
      '',
      'package           version            tarball  types  Node 22.23.3',
      '@maestro/core     0.1.0 → 0.2.0      14 kB    ✓      ✓ 4',
      '@maestro/secrets  0.2.0 (as it was)  14 kB    ✗      ✗',
      '',
      'FAILED: 1 problems.',
      '  @maestro/secrets: Node 22.23.3',
    ]);
  });

  it('says what is wrong and what to type next', () => {
    const problem = { subject: 'etc/api/core.api.md', check: 'API report', message: 'differs:\n+a', hint: 'npm run x' };
    expect(narrate({ type: 'problem', problem })).toBe(
      '\n✗ etc/api/core.api.md (API report)\n    differs:\n    +a\n  Next: npm run x',
    );
  });

  it('says what a release could not go on from', () => {
    const error = { code: 'RELEASE_OUTSIDE_CI', message: 'packages are published by CI', hint: 'npm run release' };
    expect(narrate({ type: 'result', ok: false, error })).toBe(
      '\nFAILED RELEASE_OUTSIDE_CI: packages are published by CI\nNext: npm run release',
    );
  });

  it('tells of trials as they end', () => {
    expect(narrate({ type: 'trial', trial })).toBe(
      '    1.5 s  ✓ @maestro/core on Node 22.23.3: 4 exports and programs',
    );
  });
});
