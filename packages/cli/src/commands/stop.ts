import type { AddCommand } from './command.ts';

export const addStop: AddCommand = (program, choose) => {
  program
    .command('stop')
    .description("stop the environment's services and proxy; what is stored stays")
    .action(() => {
      choose({
        name: 'stop',
        question: (environment) => `Stop all services of ${environment}? Nobody will reach them.`,
        run: async ({ environment, onEvent, signal }) => {
          await environment.stop({ onEvent, signal });
          return {
            data: { environment: environment.name },
            render: () => `Stopped ${environment.name}. Next: maestro deploy -e ${environment.name}`,
          };
        },
      });
    });
};
