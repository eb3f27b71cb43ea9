import { InvalidArgumentError, Option } from 'commander';

import { renderRotations } from '../../render/rotations.ts';
import { type AddCommand, namedServices } from '../command.ts';
import { repeatable, servicesOption } from './options.ts';

interface Flags {
  readonly service?: readonly string[];
  readonly inUse?: readonly string[];
  readonly token?: string;
}

export const addRotate: AddCommand = (secrets, choose) => {
  const rotate = secrets
    .command('rotate')
    .argument('[secrets...]', 'by default all that the configuration says how to rotate')
    .description('show what would be rotated; with --yes it is, and what was cut off is finished')
    .addOption(servicesOption())
    .addOption(repeatable('--in-use <version>', 'a version that programs were started with: its login is not changed'))
    .addOption(
      new Option('--token <uuid>', 'makes repetitions of this command one rotation; becomes the version').argParser(
        uuid,
      ),
    );
  rotate.action((names: readonly string[], { service: services, inUse: versionsInUse, token }: Flags) => {
    const dryRun = secrets.optsWithGlobals<{ readonly yes?: boolean }>().yes !== true;
    if (names.length > 0 && services !== undefined) rotate.error('error: name secrets or services, not both');
    if (versionsInUse !== undefined && names.length !== 1) rotate.error('error: --in-use needs the name of one secret');
    choose({
      name: 'secrets rotate',
      run: async ({ environment, onEvent, signal }) => {
        const wanted = { secrets: namedServices(names), services, versionsInUse, token };
        const { store, planned, rotated } = await environment.secrets.rotate({ ...wanted, dryRun, onEvent, signal });
        const next = [
          'maestro secrets rotate',
          ...names,
          ...(services ?? []).map((service) => `--service ${service}`),
          ...(versionsInUse ?? []).map((version) => `--in-use ${version}`),
          ...(token === undefined ? [] : [`--token ${token}`]),
          `--yes -e ${environment.name}`,
        ].join(' ');
        return {
          data: { dryRun, store, planned, rotated },
          render: (style) => renderRotations({ planned, rotated, next: dryRun ? next : null }, style),
        };
      },
    });
  });
};

function uuid(text: string): string {
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) throw new InvalidArgumentError('Expected a UUID.');
  return text;
}
