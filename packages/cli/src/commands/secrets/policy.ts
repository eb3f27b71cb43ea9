import { Option } from 'commander';

import type { AddCommand } from '../command.ts';
import { accountNumber, repeatable, servicesOption } from './options.ts';

interface Flags {
  readonly account: string;
  readonly for: 'read' | 'rotate' | 'upload';
  readonly service?: readonly string[];
  readonly secret?: readonly string[];
  readonly kmsKey?: readonly string[];
}

export const addPolicy: AddCommand = (secrets, choose) => {
  const forUse = new Option('--for <use>', 'what is done with the secrets');
  secrets
    .command('policy')
    .description('print the IAM policy that allows one use of these secrets, and nothing else; asks nobody')
    .addOption(new Option('--account <number>', 'the AWS account').argParser(accountNumber).makeOptionMandatory())
    .addOption(forUse.choices(['read', 'upload', 'rotate']).default('read'))
    .addOption(servicesOption())
    .addOption(
      repeatable(
        '--secret <name>',
        'a secret that no service names, such as one that others refer to; to rotate, one that AWS rotates',
      ),
    )
    .addOption(
      repeatable('--kms-key <arn>', 'a key that secrets are encrypted with, where it is not that of AWS itself'),
    )
    .action(({ account, for: use, service: services, secret, kmsKey: kmsKeys }: Flags) => {
      choose({
        name: 'secrets policy',
        run: async ({ environment }) => {
          const wanted = { use, account, services, secrets: secret, kmsKeys };
          const policy = await environment.secrets.policy(wanted);
          return { data: { policy }, render: () => JSON.stringify(policy, undefined, 2) };
        },
      });
    });
};
