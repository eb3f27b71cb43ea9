import type { FaultRecord } from '@maestro/services/faults';
import { describe, expect, it } from 'vitest';

import type { FaultResults } from '../faults/fault-results.ts';
import { sampleMachine } from '../testing/sample-machine.ts';
import { reliabilityPage } from './reliability-page.ts';

const kill: FaultRecord = {
  promised: 'no request is dropped',
  fault: 'deployer killed',
  times: 3,
  checked: { requests: 1_200 },
  wrong: { 'failed requests': 0 },
};

function results(file: string, faults: readonly FaultRecord[], passed = true): FaultResults {
  return { file, machine: sampleMachine, at: '2026-11-27T02:41:17.414Z', tests: [{ name: 'goes on', passed, faults }] };
}

describe('the page of faults', () => {
  it('adds up the same fault over all tests, and names them', () => {
    const text = reliabilityPage([results('a/tests/one.test.ts', [kill]), results('a/tests/two.test.ts', [kill])]);
    expect(text).toContain('| 1 | [no request is dropped](#1-no-request-is-dropped) | 6 | 2,400 requests | nothing |');
    expect(text).toContain(
      '| deployer killed | 6 | 2,400 requests | 0 failed requests | ' +
        '[one](../a/tests/one.test.ts), [two](../a/tests/two.test.ts) |',
    );
    expect(text).toContain(
      '| [one](../a/tests/one.test.ts) | 2026-11-27 02:41 UTC | commit `84fd22a5a` | linux x64, 2 x Xeon, 8.0 GiB, Node v24.21.0 |',
    );
  });

  it('shows what went wrong, and tests that failed before they could count', () => {
    const text = reliabilityPage([
      results('a/tests/one.test.ts', [{ ...kill, wrong: { 'failed requests': 2 } }]),
      results('a/tests/two.test.ts', [], false),
    ]);
    expect(text).toContain(
      '| 1 | [no request is dropped](#1-no-request-is-dropped) | 3 | 1,200 requests | **2 failed requests** |',
    );
    expect(text).toContain('**Tests that failed:**\n\n- [a/tests/two.test.ts](../a/tests/two.test.ts): goes on\n');
    expect(reliabilityPage([results('a/tests/one.test.ts', [kill])])).not.toContain('failed:**');
  });

  it('has all seven promises, and what was not tried', () => {
    const text = reliabilityPage([]);
    expect(text.match(/^## \d\. /gm)).toHaveLength(7);
    expect(text.match(/^Not tried: /gm)).toHaveLength(7);
    expect(text.match(/^Nothing is recorded yet\.$/gm)).toHaveLength(7);
  });
});
