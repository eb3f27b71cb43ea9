import { renderImages } from '../../render/stored-images.ts';
import type { AddCommand } from '../command.ts';
import { describeImage } from './describe-image.ts';

export const addList: AddCommand = (images, choose) => {
  images
    .command('list')
    .argument('[services...]', 'all by default')
    .description('show the images of the services, those of the newest commits first')
    .action((services: readonly string[]) => {
      choose({
        name: 'images list',
        run: async ({ environment, signal }) => {
          const all = await environment.images.list({ signal });
          const wanted = new Set(services.map((service) => `${environment.project}-${service}`));
          const listed = wanted.size === 0 ? all : all.filter(({ repository }) => wanted.has(repository));
          return {
            data: { images: listed.map(describeImage) },
            render: (style) => renderImages(environment.name, listed, style),
          };
        },
      });
    });
};
