import { renderBuilt } from '../../render/built-images.ts';
import { type AddCommand, namedServices } from '../command.ts';

export const addPush: AddCommand = (images, choose) => {
  images
    .command('push')
    .argument('[services...]', 'all by default')
    .option('--ref <git-ref>', 'the commit that was built; the working tree by default')
    .description('send images that are built to the image repository, and remember them as a release')
    .action((services: readonly string[], { ref }: { readonly ref?: string }) => {
      choose({
        name: 'images push',
        run: async ({ environment, onEvent, signal }) => {
          const pushed = await environment.images.push({ services: namedServices(services), ref, onEvent, signal });
          return { data: { ...pushed }, render: (style) => renderBuilt(pushed, style) };
        },
      });
    });
};
