import type { AddCommand } from './command.ts';
import { releaseResult } from './release-result.ts';

export const addAbort: AddCommand = (program, choose) => {
  program
    .command('abort')
    .description('undo a release that was cut off')
    .action(() => {
      choose({
        name: 'abort',
        run: async ({ environment, onEvent, signal }) =>
          releaseResult(environment, await environment.abort({ onEvent, signal })),
      });
    });
};
