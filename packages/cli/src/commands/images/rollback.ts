import { renderBuilt } from '../../render/built-images.ts';
import { type AddCommand, namedServices } from '../command.ts';

export const addImageRollback: AddCommand = (images, choose) => {
  images
    .command('rollback')
    .argument('[services...]', 'all by default')
    .option('--to <release>', 'the release to return to; the one before the newest by default')
    .description('make the images of an earlier release the ones to run; builds nothing and switches nothing')
    .action((services: readonly string[], { to }: { readonly to?: string }) => {
      choose({
        name: 'images rollback',
        run: async ({ environment, onEvent, signal }) => {
          const restored = await environment.images.rollback({
            services: namedServices(services),
            to,
            onEvent,
            signal,
          });
          return { data: { ...restored }, render: (style) => renderBuilt(restored, style) };
        },
      });
    });
};
