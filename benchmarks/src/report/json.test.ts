import { expect, it } from 'vitest';

import { jsonLine } from './json.ts';

const at = '2026-01-01T00:00:00.000Z';

it('is one line with its type and time first', () => {
  const line = jsonLine(
    {
      type: 'round',
      figure: 'throughput',
      round: 1,
      rounds: 2,
      unit: 'requests/s',
      value: 9,
      peer: { name: 'httpxy', value: 10 },
      ratio: 0.9,
    },
    at,
  );
  expect(line).toBe(
    `{"type":"round","at":"${at}","figure":"throughput","round":1,"rounds":2,"unit":"requests/s","value":9,` +
      '"peer":{"name":"httpxy","value":10},"ratio":0.9}',
  );
});

it('adds nothing to a result', () => {
  const error = { code: 'INTERNAL', message: 'two\nlines', hint: null };
  expect(jsonLine({ type: 'result', ok: false, figures: [], error }, at)).toBe(
    '{"type":"result","ok":false,"figures":[],"error":{"code":"INTERNAL","message":"two\\nlines","hint":null}}',
  );
});
