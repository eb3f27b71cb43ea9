import { describe, expect, it } from 'vitest';

import { type Figure, recordedFigure } from '../measure/figure.ts';
import { plainText } from './plain.ts';

const throughput: Figure = {
  name: 'throughput',
  value: 4365.4,
  unit: 'requests/s',
  bar: 'ratio >= 0.85',
  peer: { name: 'httpxy', value: 4560 },
  ratio: 0.9512,
  ok: true,
  statistic: 'median',
  samples: 2,
  spread: { min: 2343, max: 6856 },
  peerSpread: { min: 2795, max: 5841 },
  ratioSpread: { min: 0.81, max: 1.2 },
};
const failures = recordedFigure({
  name: 'failed requests',
  unit: 'requests',
  samples: [3],
  statistic: 'sum',
  bar: { of: 'value', atMost: 0 },
});

describe('a result', () => {
  it('is a table whose columns are aligned, and a verdict', () => {
    const figures = [
      throughput,
      failures,
      recordedFigure({ ...failures, samples: [12], statistic: 'median', bar: undefined }),
    ];
    expect(plainText({ type: 'result', ok: false, figures })).toBe(
      [
        'figure           unit        ours                    peer                           ratio                bar',
        'throughput       requests/s  4,365 (2,343 to 6,856)  httpxy 4,560 (2,795 to 5,841)  0.951 (0.81 to 1.2)  ratio >= 0.85  met',
        'failed requests  requests    3                       -                              -                    value <= 0     MISSED',
        'failed requests  requests    12                      -                              -                    -',
        '',
        'NOT EVERY BAR IS MET.',
      ].join('\n'),
    );
  });

  it('says so when every bar is met', () => {
    expect(plainText({ type: 'result', ok: true, figures: [throughput] })).toMatch(/\n\nEvery bar is met\.$/);
  });

  it('says what broke and what to do, below the figures that were finished', () => {
    const error = { code: 'BENCH_TIMEOUT', message: 'it did not end', hint: 'try --quick' };
    const text = plainText({ type: 'result', ok: false, figures: [throughput], error });
    expect(text).toMatch(/^figure .*\nthroughput .*\n\nFAILED BENCH_TIMEOUT: it did not end\nNext: try --quick$/);
    expect(plainText({ type: 'result', ok: false, figures: [], error: { ...error, hint: null } })).toBe(
      'FAILED BENCH_TIMEOUT: it did not end',
    );
  });
});

describe('progress', () => {
  it('tells a round in one line', () => {
    expect(
      plainText({
        type: 'round',
        figure: 'throughput',
        round: 2,
        rounds: 8,
        unit: 'requests/s',
        value: 4312.6,
        peer: { name: 'httpxy', value: 4600 },
        ratio: 0.93752,
      }),
    ).toBe('throughput, round 2 of 8: ours 4,313, httpxy 4,600 requests/s, ratio 0.938');
  });

  it('tells what is measured, where and beside what', () => {
    const machine = {
      type: 'machine',
      benchmark: 'embedded-proxy',
      quick: true,
      platform: 'linux',
      arch: 'x64',
      cores: 2,
      cpu: 'AMD EPYC',
      memoryBytes: 8 * 2 ** 30,
      load: 0.25,
      node: 'v24.21.0',
      commit: '84fd22a5ad94ead4b08bab16b73f56982d5eddcf',
      dirty: true,
      peers: { httpxy: '0.5.6' },
    } as const;
    expect(plainText(machine)).toBe(
      'embedded-proxy, quick: linux x64, 2 x AMD EPYC, 8.0 GiB, load 0.3, Node v24.21.0, Maestro 84fd22a5a with changes, httpxy 0.5.6',
    );
    expect(plainText({ ...machine, quick: false, load: null, commit: null, dirty: null, peers: {} })).toBe(
      'embedded-proxy: linux x64, 2 x AMD EPYC, 8.0 GiB, Node v24.21.0, Maestro without a commit',
    );
  });
});
