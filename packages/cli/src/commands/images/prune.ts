import type { PlacedImage } from '@maestro/orchestrator';

import { renderPruned } from '../../render/stored-images.ts';
import type { AddCommand } from '../command.ts';
import { describeImage } from './describe-image.ts';

export const addPrune: AddCommand = (images, choose) => {
  images
    .command('prune')
    .description('show which images nothing needs any more; with --yes they are removed')
    .action(() => {
      const dryRun = images.optsWithGlobals<{ readonly yes?: boolean }>().yes !== true;
      choose({
        name: 'images prune',
        run: async ({ environment, signal }) => {
          const pruned = await environment.images.prune({ dryRun, signal });
          const { remove, removed, keep, freedBytes } = pruned;
          return {
            data: {
              dryRun,
              remove: remove.map(describePlaced),
              removed: removed.map(describePlaced),
              keep: keep.map(({ image, because }) => ({ ...describePlaced(image), because })),
              freedBytes,
            },
            render: (style) => renderPruned(environment.name, { ...pruned, dryRun }, style),
          };
        },
      });
    });
};

function describePlaced(image: PlacedImage) {
  return { place: image.place, ...describeImage(image) };
}
