import type { AddCommand } from '../command.ts';
import { addDiff } from './diff.ts';
import { addInject } from './inject.ts';
import { addListSecrets } from './list.ts';
import { addPolicy } from './policy.ts';
import { addPrepare } from './prepare.ts';
import { addRotate } from './rotate.ts';
import { addRunCommand } from './run.ts';
import { addUpload } from './upload.ts';

const commands: readonly AddCommand[] = [
  addPrepare,
  addUpload,
  addListSecrets,
  addDiff,
  addRunCommand,
  addRotate,
  addInject,
  addPolicy,
];

export const addSecrets: AddCommand = (program, choose) => {
  const secrets = program
    .command('secrets')
    .description(
      'the secrets of the services: check, upload, show, compare, hand to a command or to containers, rotate, limit',
    );
  for (const add of commands) add(secrets, choose);
};
