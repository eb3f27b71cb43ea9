import { type AddCommand, namedServices } from './command.ts';
import { releaseResult } from './release-result.ts';

export const addRollback: AddCommand = (program, choose) => {
  program
    .command('rollback')
    .description('switch back to an earlier release; never builds')
    .argument('[services...]', 'services to roll back; all by default')
    .option('--to <release>', 'the release to return to; the one that was live before by default')
    .action((services: string[], { to }: { to?: string }) => {
      choose({
        name: 'rollback',
        run: async ({ environment, onEvent, signal }) => {
          const options = { services: namedServices(services), to, onEvent, signal };
          return releaseResult(environment, await environment.rollback(options));
        },
      });
    });
};
