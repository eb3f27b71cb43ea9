import { describe, expect, it } from 'vitest';

import { pairedFigure, recordedFigure } from './figure.ts';

const peer = { name: 'httpxy', measure: () => Promise.resolve(1) };
const rounds = [
  { round: 1, ours: 90, peer: 100, ratio: 0.9 },
  { round: 2, ours: 40, peer: 50, ratio: 0.8 },
  { round: 3, ours: 70, peer: 35, ratio: 2 },
];

describe('a figure with a peer', () => {
  it('holds the median of the rounds’ ratios, which is not the ratio of the medians', () => {
    expect(
      pairedFigure({ name: 'throughput', unit: 'requests/s', peer, bar: { of: 'ratio', atLeast: 0.9 } }, rounds),
    ).toEqual({
      name: 'throughput',
      value: 70,
      unit: 'requests/s',
      bar: 'ratio >= 0.9',
      peer: { name: 'httpxy', value: 50 },
      ratio: 0.9,
      ok: true,
      statistic: 'median',
      samples: 3,
      spread: { min: 40, max: 90 },
      peerSpread: { min: 35, max: 100 },
      ratioSpread: { min: 0.8, max: 2 },
    });
  });

  it('is held against its ratio or its value, as its bar says', () => {
    const base = { name: 'throughput', unit: 'requests/s', peer };
    expect(pairedFigure({ ...base, bar: { of: 'ratio', atLeast: 0.91 } }, rounds).ok).toBe(false);
    expect(pairedFigure({ ...base, bar: { of: 'value', atLeast: 70 } }, rounds).ok).toBe(true);
    expect(pairedFigure({ ...base, bar: { of: 'value', atLeast: 71 } }, rounds).ok).toBe(false);
  });

  it('needs a round', () => {
    expect(() => pairedFigure({ name: 'throughput', unit: 'requests/s', peer }, [])).toThrow('measured nothing');
  });
});

describe('a figure without a peer', () => {
  it('holds its statistic and the spread of its samples', () => {
    const figure = recordedFigure({
      name: 'failed requests',
      unit: 'requests',
      samples: [0, 2, 1],
      statistic: 'sum',
      bar: { of: 'value', atMost: 2 },
    });
    expect(figure).toEqual({
      name: 'failed requests',
      value: 3,
      unit: 'requests',
      bar: 'value <= 2',
      peer: null,
      ratio: null,
      ok: false,
      statistic: 'sum',
      samples: 3,
      spread: { min: 0, max: 2 },
      peerSpread: null,
      ratioSpread: null,
    });
  });

  it('is fine without a bar', () => {
    expect(recordedFigure({ name: 'memory', unit: 'MiB', samples: [80], statistic: 'median' })).toMatchObject({
      bar: null,
      ok: true,
    });
  });

  it.each([[[]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]]])('refuses %j', (samples) => {
    expect(() => recordedFigure({ name: 'memory', unit: 'MiB', samples, statistic: 'median' })).toThrow(
      /^memory: expected finite numbers/,
    );
  });
});
