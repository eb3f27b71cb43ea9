import { renderInit } from '../render/init.ts';
import type { AddCommand } from './command.ts';

export const addInit: AddCommand = (program, choose) => {
  program
    .command('init')
    .description('begin in a repository: write a configuration for the services it has; overwrites nothing')
    .argument('[folder]', 'the root of the repository; the current folder by default')
    .action((folder: string | undefined) => {
      choose({
        name: 'init',
        runAlone: async ({ library, signal }) => {
          const result = await library.initProject({ folder, signal });
          return { data: result, render: () => renderInit(result) };
        },
      });
    });
};
