import { renderHistory } from '../render/history.ts';
import type { AddCommand } from './command.ts';

export const addHistory: AddCommand = (program, choose) => {
  program
    .command('history')
    .description('show the last releases, newest first')
    .action(() => {
      choose({
        name: 'history',
        run: async ({ environment, signal }) => {
          const records = await environment.history({ signal });
          const releases = records.map(({ id, at, by, outcome, durationMs, services }) => ({
            id,
            at,
            by,
            outcome,
            durationMs,
            services: services.map(({ name, image, digest }) => ({ name, image, digest })),
          }));
          return { data: { releases }, render: (style) => renderHistory(environment.name, records, style) };
        },
      });
    });
};
