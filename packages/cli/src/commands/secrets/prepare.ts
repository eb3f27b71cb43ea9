import { renderPrepared } from '../../render/prepared-secrets.ts';
import { type AddCommand, namedServices } from '../command.ts';

export const addPrepare: AddCommand = (secrets, choose) => {
  secrets
    .command('prepare')
    .argument('[services...]', 'all by default')
    .description('fetch everything the services need, as a deployment would, and show the versions')
    .action((services: readonly string[]) => {
      choose({
        name: 'secrets prepare',
        run: async ({ environment, onEvent, signal }) => {
          const wanted = namedServices(services);
          const prepared = await environment.secrets.prepare({ services: wanted, onEvent, signal });
          return { data: { ...prepared }, render: (style) => renderPrepared(environment.name, prepared, style) };
        },
      });
    });
};
