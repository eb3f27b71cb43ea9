import { Argument } from 'commander';

import type { AddCommand } from './command.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export const addCompletion: AddCommand = (program, choose) => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(shells))
    .description('print a script that completes commands and options in a shell')
    .action((shell: (typeof shells)[number]) => {
      choose({
        name: 'completion',
        runAlone: async () => {
          const { completionScript } = await import('../completion/completion-script.ts');
          const script = completionScript(shell, program);
          return { data: { shell, script }, render: () => script.trimEnd() };
        },
      });
    });
};
