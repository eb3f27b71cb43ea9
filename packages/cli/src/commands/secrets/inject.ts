import { Option } from 'commander';

import { renderInjected, renderReinjected } from '../../render/injected-secrets.ts';
import { secretsUnit } from '../../render/secrets-unit.ts';
import { type AddCommand, type EnvironmentCommand, namedServices } from '../command.ts';

interface Flags {
  readonly slot?: string;
  readonly emptied?: boolean;
  readonly unit?: boolean;
}

export const addInject: AddCommand = (secrets, choose) => {
  const inject = secrets
    .command('inject')
    .argument('[services...]', 'all by default')
    .description('put secrets into the memory of the host of the containers, in a volume for each service')
    .option('--slot <slot>', 'the place that a container is started for, such as blue')
    .addOption(new Option('--emptied', 'fill again what a reboot of the host has emptied').conflicts(['slot', 'unit']))
    .addOption(new Option('--unit', 'print a unit of systemd that does so after each boot').conflicts('slot'));
  inject.action((services: readonly string[], { slot, emptied = false, unit = false }: Flags) => {
    if (services.length > 0 && (emptied || unit)) inject.error('error: that is for all services, name none');
    choose({ name: 'secrets inject', run: unit ? printUnit : emptied ? fillEmptied : fill(services, slot) });
  });
};

function fill(services: readonly string[], slot: string | undefined): EnvironmentCommand['run'] {
  return async ({ environment, onEvent, signal }) => {
    const wanted = { services: namedServices(services), slot };
    const injected = await environment.secrets.inject({ ...wanted, onEvent, signal });
    return { data: { ...injected }, render: (style) => renderInjected(environment.name, injected, style) };
  };
}

const fillEmptied: EnvironmentCommand['run'] = async ({ environment, onEvent, signal }) => {
  const reinjected = await environment.secrets.reinject({ onEvent, signal });
  return { data: { ...reinjected }, render: () => renderReinjected(reinjected) };
};

const printUnit: EnvironmentCommand['run'] = ({ environment, program, user }) => {
  const { project, name, file } = environment;
  const unit = secretsUnit({ project, environment: name, file, program, user });
  return Promise.resolve({ data: { ...unit }, render: () => unit.text });
};
