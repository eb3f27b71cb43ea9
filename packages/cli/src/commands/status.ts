import { renderStatus } from '../render/status.ts';
import type { AddCommand } from './command.ts';

export const addStatus: AddCommand = (program, choose) => {
  program
    .command('status')
    .description('show what runs where, which slot is live, and whether a release was cut off')
    .action(() => {
      choose({
        name: 'status',
        run: async ({ environment, signal }) => {
          const status = await environment.status({ signal });
          return { data: status, render: (style) => renderStatus(status, style) };
        },
      });
    });
};
