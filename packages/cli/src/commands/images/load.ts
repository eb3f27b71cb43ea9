import { renderSaved } from '../../render/moved-images.ts';
import type { AddCommand } from '../command.ts';

export const addLoad: AddCommand = (images, choose) => {
  images
    .command('load')
    .argument('<file>', 'what images save wrote')
    .description('put the images of a saved release where this environment keeps its own')
    .action((file: string) => {
      choose({
        name: 'images load',
        run: async ({ environment, onEvent, signal }) => {
          const loaded = await environment.images.load({ file, onEvent, signal });
          return { data: { ...loaded }, render: (style) => renderSaved('Loaded', loaded, style) };
        },
      });
    });
};
