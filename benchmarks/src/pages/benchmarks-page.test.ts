import { describe, expect, it } from 'vitest';

import type { StoredFigure, StoredRun } from '../results/stored-run.ts';
import { sampleMachine } from '../testing/sample-machine.ts';
import { benchmarksPage } from './benchmarks-page.ts';

const met: StoredFigure = {
  name: 'throughput',
  value: 4365.4,
  unit: 'requests/s',
  bar: 'ratio >= 0.85',
  peer: { name: 'httpxy', value: 4560 },
  ratio: 0.9512,
  ok: true,
  statistic: 'median',
  spread: { min: 2343, max: 6856 },
  peerSpread: { min: 2795, max: 5841 },
  ratioSpread: { min: 0.81, max: 1.2 },
  samples: { ours: [8, 9, 10, 11, 8, 9, 10, 11], peer: [10, 10, 10, 10, 10, 10, 10, 10] },
};
const missed: StoredFigure = {
  ...met,
  name: 'start',
  value: 400,
  unit: 'ms',
  bar: 'value <= 300',
  peer: null,
  ratio: null,
  ok: false,
  statistic: 'p99',
  spread: { min: 200, max: 400 },
  peerSpread: null,
  ratioSpread: null,
  samples: { ours: [200, 210, 220, 230, 240, 250, 260, 400], peer: null },
};
const run: StoredRun = {
  benchmark: 'proxy',
  at: '2026-11-27T00:31:11.717Z',
  durationMs: 483_000,
  quick: false,
  machine: sampleMachine,
  peers: { httpxy: '0.5.6' },
  figures: [met, missed],
};

function pageOf(changes: Partial<StoredRun> | undefined): string {
  const stored = changes === undefined ? undefined : { ...run, ...changes };
  return benchmarksPage([{ name: 'proxy', summary: 'a proxy', about: 'It is measured.', run: stored }]);
}

describe('the page of benchmarks', () => {
  it('says what was measured where, beside what, and how to repeat it', () => {
    const text = pageOf({});
    expect(text).toContain('| [proxy](#proxy) | a proxy | **1 of 2** | 2026-11-27 |');
    expect(text).toContain(
      '## proxy\n\nIt is measured.\n\n**Measured** 2026-11-27 00:31 UTC by a full run that took 8 min 3 s, at commit ' +
        '`84fd22a5a`; linux x64, 2 x Xeon, 8.0 GiB, Node v24.21.0; load before: 0.2 on 2 cores. Versions: httpxy 0.5.6.\n',
    );
    expect(text).toContain(
      '| throughput | 4,365 (2,343 to 6,856) requests/s | httpxy: 4,560 (2,795 to 5,841) requests/s | ' +
        '0.951 (0.81 to 1.2) | `ratio >= 0.85` | met |',
    );
    expect(text).toContain('```sh\nnpm run bench -- proxy\n```');
  });

  it('shows a missed bar in its table, in the overview and at the top', () => {
    const text = pageOf({});
    expect(text).toContain('**Missed:**\n\n- [proxy](#proxy): start: 400 ms; the bar is `value <= 300`\n');
    expect(text).toContain('| start | 400 (200 to 400) ms | - | - | `value <= 300` | **MISSED** |');
    expect(pageOf({ figures: [met] })).not.toContain('issed:**');
    expect(pageOf({ figures: [met] })).toContain('| all 1 | 2026-11-27 |');
  });

  it('draws how near figures are to their bars, those beyond them first', () => {
    const text = pageOf({});
    expect(text).toContain('x-axis ["throughput", "start"]');
    expect(text).toContain('bar [89.36, 133.3]');
    const [first, second] = [text.indexOf('start: all 8 samples'), text.indexOf('throughput: each round')];
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(text).toContain('line [0.8, 0.9, 1, 1.1, 0.8, 0.9, 1, 1.1]\n  line [0.85, 0.85');
  });

  it('says so where a run was quick, of changed files, or on a busy machine', () => {
    expect(pageOf({ quick: true })).toContain('by **a quick run** that');
    expect(pageOf({ quick: true })).toContain('2026-11-27, **a quick run** |');
    const { machine } = run;
    expect(pageOf({ machine: { ...machine, dirty: true } })).toContain(
      '`84fd22a5a` **with files that differed from it**',
    );
    expect(pageOf({ machine: { ...machine, load: 7.25 } })).toContain(
      'load before: 7.3 on 2 cores: **a busy machine**',
    );
  });

  it('says what is not known of a run of which only the figures are left', () => {
    const figures = run.figures.map((figure) => ({ ...figure, samples: null }));
    const text = pageOf({ figures, durationMs: null, machine: { ...run.machine, load: null, dirty: null } });
    expect(text).toContain('by a full run, at commit `84fd22a5a`, whether files differed from it is not known;');
    expect(text).toContain('the load of the machine before is not known');
    expect(text).toContain('Only what the run printed is kept');
    expect(text).not.toContain('each round');
  });

  it('says that nothing is kept rather than nothing', () => {
    expect(pageOf(undefined)).toContain('| [proxy](#proxy) | a proxy | - | not yet |');
    expect(pageOf(undefined)).toContain('No run of it is kept yet.');
  });
});
