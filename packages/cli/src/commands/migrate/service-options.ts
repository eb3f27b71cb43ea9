import { type Command as Program, Option } from 'commander';

/** `--service`, once for each service. */
export function servicesOption(): Option {
  return new Option(
    '--service <name>',
    'a service whose database it is about, several times for several; all by default',
  ).argParser((name: string, names: readonly string[] | undefined) => [...(names ?? []), name]);
}

/** `--service`, for what is done to one database. */
export function withServiceOption(program: Program): Program {
  return program.requiredOption('--service <name>', 'the service whose database it is about');
}
