import type { Command as Program } from 'commander';

import type { GlobalFlags } from '../parse-arguments.ts';
import { renderImportedCompose, renderWrittenCompose } from '../render/compose-files.ts';
import type { AddCommand } from './command.ts';

export const addCompose: AddCommand = (program, choose) => {
  const compose = program
    .command('compose')
    .description('write the docker-compose.yml of an environment, or read one into a configuration');
  addRender(compose, choose, program);
  addImport(compose, choose, program);
};

type AddBelow = (compose: Program, choose: Parameters<AddCommand>[1], program: Program) => void;

const addRender: AddBelow = (compose, choose, program) => {
  compose
    .command('render', { isDefault: true })
    .option('--out <folder>', 'write docker-compose.yml into it; print it by default')
    .description('the docker-compose.yml of an environment, for development and inspection')
    .action(({ out }: { readonly out?: string }) => {
      const { yes: replace } = program.opts<GlobalFlags>();
      choose({
        name: 'compose render',
        runAt: async ({ environment, config, library, signal }) => {
          const { file, text } = await library.renderComposeFile({ environment, config, out, replace, signal });
          return {
            data: file === null ? { environment, file, text } : { environment, file },
            render: () => (file === null ? text.trimEnd() : renderWrittenCompose({ environment, file })),
          };
        },
      });
    });
};

const addImport: AddBelow = (compose, choose, program) => {
  compose
    .command('import')
    .argument('<file>', 'a compose file')
    .option(
      '--out <file>',
      'the configuration to write, in YAML; maestro.config.yaml beside the compose file by default',
    )
    .description('write a configuration from a compose file, and say what had no equivalent')
    .action((file: string, { out }: { readonly out?: string }) => {
      const { yes: replace, environment } = program.opts<GlobalFlags>();
      choose({
        name: 'compose import',
        runAlone: async ({ library, signal }) => {
          const imported = await library.importComposeFile({ file, out, environment, replace, signal });
          return { data: { ...imported }, render: (style) => renderImportedCompose({ from: file, imported }, style) };
        },
      });
    });
};
