import { describe, expect, it } from 'vitest';

import { getDependencyReleaseLine, getReleaseLine } from './changelog.ts';

describe('the lines of changelogs', () => {
  it('make a point of a sentence, without the commit', () => {
    expect(getReleaseLine({ summary: 'Deployments of one service\ntake half the time.\n' })).toBe(
      '- Deployments of one service\n  take half the time.',
    );
  });

  it('leave a text with points as it is', () => {
    expect(getReleaseLine({ summary: 'The first release.\n\n- one\n- two' })).toBe(
      '\nThe first release.\n\n- one\n- two\n',
    );
  });

  it('name all dependencies at once', () => {
    const updated = [
      { name: '@maestro/core', newVersion: '0.3.0' },
      { name: '@maestro/secrets', newVersion: '0.2.1' },
    ];
    expect(getDependencyReleaseLine([{ summary: 'a' }, { summary: 'b' }], updated)).toBe(
      '- Works with `@maestro/core` 0.3.0, `@maestro/secrets` 0.2.1.',
    );
  });

  it('say nothing of dependencies that did not change', () => {
    expect(getDependencyReleaseLine([{ summary: 'a' }], [])).toBe('');
  });
});
