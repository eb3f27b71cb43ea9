import type { StoredImage } from '@maestro/orchestrator';

import { shortDigest } from '../render/images.ts';
import { renderImages, renderPruned } from '../render/stored-images.ts';
import type { AddCommand } from './command.ts';

export const addImages: AddCommand = (program, choose) => {
  const images = program
    .command('images')
    .description('show and tag the stored images, and remove those nothing needs');
  images
    .command('list')
    .argument('[services...]', 'all by default')
    .description('show the images of the services, those of the newest commits first')
    .action((services: readonly string[]) => {
      choose({
        name: 'images list',
        run: async ({ environment, signal }) => {
          const all = await environment.images({ signal });
          const wanted = new Set(services.map((service) => `${environment.project}-${service}`));
          const listed = wanted.size === 0 ? all : all.filter(({ repository }) => wanted.has(repository));
          return {
            data: { images: listed.map(describeImage) },
            render: (style) => renderImages(environment.name, listed, style),
          };
        },
      });
    });
  images
    .command('tag')
    .argument('<service>')
    .argument('<image>', 'a tag it has, or its digest')
    .argument('<tag>', 'such as stable')
    .description('give an image one more tag; it is never pruned then')
    .action((service: string, image: string, tag: string) => {
      choose({
        name: 'images tag',
        run: async ({ environment, signal }) => {
          const tagged = await environment.tag({ service, image, tag, signal });
          return {
            data: { image: describeImage(tagged) },
            render: () => `${tagged.repository}:${tag} is ${shortDigest(tagged.digest)} now.`,
          };
        },
      });
    });
  images
    .command('prune')
    .description('show which images nothing needs any more; with --yes they are removed')
    .action(() => {
      const dryRun = program.opts<{ readonly yes?: boolean }>().yes !== true;
      choose({
        name: 'images prune',
        run: async ({ environment, signal }) => {
          const { remove, removed, keep, freedBytes } = await environment.prune({ dryRun, signal });
          return {
            data: {
              dryRun,
              remove: remove.map(describeImage),
              removed: removed.map(describeImage),
              keep: keep.map(({ image, because }) => ({ ...describeImage(image), because })),
              freedBytes,
            },
            render: (style) => renderPruned(environment.name, { remove, removed, keep, freedBytes, dryRun }, style),
          };
        },
      });
    });
};

function describeImage({ repository, digest, tags, revision, createdAt, sizeBytes }: StoredImage) {
  return { repository, digest, tags, revision, createdAt, sizeBytes };
}
