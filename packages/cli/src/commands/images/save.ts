import { renderSaved } from '../../render/moved-images.ts';
import type { AddCommand } from '../command.ts';

export const addSave: AddCommand = (images, choose) => {
  images
    .command('save')
    .argument('<file>', 'made anew: an OCI layout as a tar archive')
    .option('--release <release>', 'a release of the history; the newest by default')
    .description('write a release and its images to a file, for a machine without the image repository')
    .action((file: string, { release }: { readonly release?: string }) => {
      choose({
        name: 'images save',
        run: async ({ environment, onEvent, signal }) => {
          const saved = await environment.images.save({ file, release, onEvent, signal });
          return { data: { ...saved }, render: (style) => renderSaved('Saved', saved, style) };
        },
      });
    });
};
