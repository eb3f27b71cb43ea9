import { renderLock } from '../../render/lock.ts';
import type { AddCommand } from '../command.ts';

export const addLockStatus: AddCommand = (lock, choose) => {
  lock
    .command('status')
    .description('show who holds the deployment lock, since when, what for, and how much of the lease is left')
    .action(() => {
      choose({
        name: 'lock status',
        onlyReads: true,
        run: async ({ environment }) => {
          const held = await environment.lock.status();
          return { data: { lock: held }, render: (style) => renderLock(environment.name, held, style) };
        },
      });
    });
};
