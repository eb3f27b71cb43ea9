import fc from 'fast-check';
import { expect, it } from 'vitest';

import { prometheusText } from './prometheus-text.ts';

it('writes what Prometheus reads, and leaves out what has no value', () => {
  const text = prometheusText([
    {
      name: 'maestro_instance_running',
      help: 'Runs.\nOr \\ not.',
      type: 'gauge',
      samples: [
        { labels: { service: 'api', slot: 'blue' }, value: 1 },
        { labels: {}, value: 0.5 },
      ],
    },
    { name: 'maestro_empty', help: 'Nothing.', type: 'counter', samples: [] },
  ]);
  expect(text).toBe(
    [
      '# HELP maestro_instance_running Runs.\\nOr \\\\ not.',
      '# TYPE maestro_instance_running gauge',
      'maestro_instance_running{service="api",slot="blue"} 1',
      'maestro_instance_running 0.5',
      '',
    ].join('\n'),
  );
});

it('keeps every label in its line, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (label) => {
      const samples = [{ labels: { label }, value: 1 }];
      const [, , line = '', ...rest] = prometheusText([{ name: 'm', help: 'h', type: 'gauge', samples }]).split('\n');
      expect(rest).toEqual(['']);
      const [, found = ''] = /^m\{label="(.*)"\} 1$/s.exec(line) ?? [];
      const read = found.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
      expect(read).toBe(label);
    }),
  );
});
