import { renderSecrets } from '../../render/secrets.ts';
import type { AddCommand } from '../command.ts';

export const addListSecrets: AddCommand = (secrets, choose) => {
  secrets
    .command('list')
    .description('show what services need and what is stored, without any value')
    .action(() => {
      choose({
        name: 'secrets list',
        run: async ({ environment, signal }) => {
          const listed = await environment.secrets.list({ signal });
          return { data: { secrets: listed }, render: (style) => renderSecrets(environment.name, listed, style) };
        },
      });
    });
};
