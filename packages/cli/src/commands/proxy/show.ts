import { renderProxy } from '../../render/proxy.ts';
import type { AddCommand } from '../command.ts';

export const addProxyShow: AddCommand = (proxy, choose) => {
  proxy
    .command('show')
    .description('show the generation that is live, routes, slots and their shares of the requests, as they are found')
    .action(() => {
      choose({
        name: 'proxy show',
        onlyReads: true,
        run: async ({ environment, signal }) => {
          const view = await environment.proxy.show({ signal });
          return { data: view, render: (style) => renderProxy(view, style) };
        },
      });
    });
};
