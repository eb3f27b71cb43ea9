import type { AddCommand } from './command.ts';
import { releaseResult } from './release-result.ts';

export const addResume: AddCommand = (program, choose) => {
  program
    .command('resume')
    .description('finish a release that was cut off')
    .action(() => {
      choose({
        name: 'resume',
        run: async ({ environment, onEvent, signal }) =>
          releaseResult(environment, await environment.resume({ onEvent, signal })),
      });
    });
};
