import { relative } from 'node:path';

import type { AddCommand } from '../command.ts';

export const addCreate: AddCommand = (migrate, choose) => {
  migrate
    .command('create')
    .argument('<service>')
    .argument('<name>', "what it does, such as 'add orders total'")
    .option('--ts', 'in TypeScript; in SQL by default')
    .description("write the next migration's files to fill in")
    .action((service: string, name: string, { ts }: { readonly ts?: boolean }) => {
      choose({
        name: 'migrate create',
        run: async ({ environment }) => {
          const kind = ts === true ? 'typescript' : 'sql';
          const files = await environment.migrations.create({ service, name, kind });
          return { data: { service, files }, render: () => files.map((file) => relative('', file)).join('\n') };
        },
      });
    });
};
