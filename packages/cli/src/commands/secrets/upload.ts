import { renderUpload } from '../../render/secrets-diff.ts';
import type { AddCommand } from '../command.ts';
import { servicesOption, tagsOption } from './options.ts';

interface Flags {
  readonly file?: string;
  readonly service?: readonly string[];
  readonly restore?: boolean;
  readonly kmsKey?: string;
  readonly tag?: Readonly<Record<string, string>>;
}

export const addUpload: AddCommand = (secrets, choose) => {
  secrets
    .command('upload')
    .description('show what a .env file would change in the store; with --yes it is written')
    .option('--file <file>', 'the .env file; .env.<environment> beside the configuration by default')
    .addOption(servicesOption())
    .option('--restore', 'take back the deletion of names that wait for it')
    .option('--kms-key <key>', 'the key that secrets are encrypted with which are created')
    .addOption(tagsOption())
    .action(({ file, service: services, restore = false, kmsKey, tag: tags }: Flags) => {
      const dryRun = secrets.optsWithGlobals<{ readonly yes?: boolean }>().yes !== true;
      choose({
        name: 'secrets upload',
        run: async ({ environment, onEvent, signal }) => {
          const wanted = { file, services, dryRun, restore, kmsKey, tags };
          const { diff, ...written } = await environment.secrets.upload({ ...wanted, onEvent, signal });
          const isPending = diff.secrets.some(({ change }) => change === 'pending-deletion');
          const next = [
            'maestro secrets upload',
            ...(file === undefined ? [] : [`--file ${file}`]),
            ...(services ?? []).map((service) => `--service ${service}`),
            ...(restore || isPending ? ['--restore'] : []),
            `--yes -e ${environment.name}`,
          ].join(' ');
          return {
            data: { dryRun, ...diff, ...written },
            render: (style) => renderUpload({ diff, written, next: dryRun ? next : null }, style),
          };
        },
      });
    });
};
