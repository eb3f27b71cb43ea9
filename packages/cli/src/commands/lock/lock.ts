import type { AddCommand } from '../command.ts';
import { addLockRelease } from './release.ts';
import { addLockStatus } from './status.ts';

const commands: readonly AddCommand[] = [addLockStatus, addLockRelease];

export const addLock: AddCommand = (program, choose) => {
  const lock = program.command('lock').description('the deployment lock: who has it, and taking it away');
  for (const add of commands) add(lock, choose);
};
