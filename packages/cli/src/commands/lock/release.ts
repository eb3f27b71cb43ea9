import { renderReleasedLock } from '../../render/lock.ts';
import type { AddCommand } from '../command.ts';

export const addLockRelease: AddCommand = (lock, choose) => {
  lock
    .command('release')
    .description('free the lock of who went without letting go of it; with --yes also that of who is still at work')
    .action(() => {
      const living = lock.optsWithGlobals<{ readonly yes?: boolean }>().yes === true;
      choose({
        name: 'lock release',
        run: async ({ environment }) => {
          const released = await environment.lock.release({ living });
          return { data: { released }, render: (style) => renderReleasedLock(environment.name, released, style) };
        },
      });
    });
};
