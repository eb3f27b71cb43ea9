import type { AddCommand } from '../command.ts';
import { repeatable } from './options.ts';

interface Flags {
  readonly service?: string;
  readonly redact?: boolean;
  readonly pass?: readonly string[];
}

export const addRunCommand: AddCommand = (secrets, choose) => {
  secrets
    .command('run')
    .argument('<command...>', 'after --, with its arguments')
    .option('--service <name>', 'whose secrets it gets; those of all services by default')
    .option('--redact', 'put [redacted] in place of secrets in what it prints')
    .addOption(repeatable('--pass <variable>', 'a variable to pass on that is left out otherwise, such as AWS_PROFILE'))
    .description('run a command with secrets in its environment; its output, signals and exit code are its own')
    .action(([command = '', ...args]: readonly string[], { service, redact = false, pass }: Flags) => {
      choose({
        name: 'secrets run',
        ownsProcess: true,
        run: async ({ environment, signal }) => {
          const wanted = { command, args, service, redactOutput: redact, pass };
          const { exitCode } = await environment.secrets.run({ ...wanted, signal });
          return { exitCode };
        },
      });
    });
};
