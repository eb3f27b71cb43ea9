import { resolve } from 'node:path';

import { writeFileDurably } from '@maestro/core';

import type { AddCommand } from './command.ts';

// Whoever collects it is another user.
const readableByAll = 0o644;

export const addMetrics: AddCommand = (program, choose) => {
  program
    .command('metrics')
    .description('print what is to be watched in the text format of Prometheus: releases, instances, generation, lock')
    .option('--out <file>', 'write it to a file at one instant, for the textfile collector of node_exporter')
    .action(({ out }: { readonly out?: string }) => {
      choose({
        name: 'metrics',
        onlyReads: true,
        run: async ({ environment, signal }) => {
          const { prometheusText } = await import('@maestro/orchestrator');
          const metrics = await environment.metrics({ signal });
          const text = prometheusText(metrics);
          const file = out === undefined ? null : resolve(out);
          if (file !== null) await writeFileDurably(file, text, { mode: readableByAll });
          return { data: { metrics, file }, render: () => (file === null ? text.trimEnd() : `Wrote ${file}`) };
        },
      });
    });
};
