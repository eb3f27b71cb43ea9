import { renderBuilt } from '../../render/built-images.ts';
import { type AddCommand, namedServices } from '../command.ts';

interface Flags {
  readonly ref?: string;
  readonly push?: boolean;
}

export const addBuild: AddCommand = (images, choose) => {
  images
    .command('build')
    .argument('[services...]', 'all by default')
    .option('--ref <git-ref>', 'the commit whose files are built; the working tree by default')
    .option('--push', 'send the images to the image repository, and remember them as a release')
    .description('build the images whose input has changed')
    .action((services: readonly string[], { ref, push }: Flags) => {
      choose({
        name: 'images build',
        run: async ({ environment, onEvent, signal }) => {
          const wanted = { services: namedServices(services), ref, push: push === true };
          const built = await environment.images.build({ ...wanted, onEvent, signal });
          return { data: { ...built }, render: (style) => renderBuilt(built, style) };
        },
      });
    });
};
