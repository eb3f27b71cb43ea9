import { Option } from 'commander';

import type { AddCommand } from './command.ts';
import { slotOption, wholeNumber } from './slot-option.ts';

interface Flags {
  readonly slot?: 'blue' | 'green';
  readonly replica?: number;
}

export const addExec: AddCommand = (program, choose) => {
  program
    .command('exec')
    .argument('<service>')
    .argument('<command...>', 'after --, with its arguments')
    .addOption(slotOption())
    .addOption(new Option('--replica <number>', 'which of its copies, from 0 on').argParser(wholeNumber))
    .description('run a command where a service runs, with what it has; input, output and exit code are its own')
    .action((service: string, command: readonly string[], { slot, replica }: Flags) => {
      choose({
        name: 'exec',
        ownsProcess: true,
        run: async ({ environment, signal }) => {
          const { exitCode } = await environment.exec({ service, command, slot, replica, signal });
          return { exitCode };
        },
      });
    });
};
