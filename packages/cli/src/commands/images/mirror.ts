import { renderMirrored } from '../../render/moved-images.ts';
import type { AddCommand } from '../command.ts';

export const addMirror: AddCommand = (images, choose) => {
  images
    .command('mirror')
    .argument('<repository>', 'such as https://registry.example.com/team')
    .option('--release <release>', 'a release of the history; the newest by default')
    .description('copy the images of a release to another image repository, digests unchanged')
    .action((to: string, { release }: { readonly release?: string }) => {
      choose({
        name: 'images mirror',
        run: async ({ environment, onEvent, signal }) => {
          const mirrored = await environment.images.mirror({ to, release, onEvent, signal });
          return { data: { ...mirrored }, render: (style) => renderMirrored(mirrored, style) };
        },
      });
    });
};
