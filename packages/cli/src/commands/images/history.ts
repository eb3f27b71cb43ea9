import { renderReleasedImages } from '../../render/released-images.ts';
import type { AddCommand } from '../command.ts';

export const addImageHistory: AddCommand = (images, choose) => {
  images
    .command('history')
    .description('show the remembered releases with their images, and whether these are still there')
    .action(() => {
      choose({
        name: 'images history',
        run: async ({ environment, signal }) => {
          const history = await environment.images.history({ signal });
          const releases = history.map(({ release: { id, at, by, kind, outcome }, images: released }) => ({
            id,
            at,
            by,
            kind,
            outcome,
            services: released.map(({ name, image, digest, stored }) => ({ name, image, digest, stored })),
          }));
          return { data: { releases }, render: (style) => renderReleasedImages(environment.name, history, style) };
        },
      });
    });
};
