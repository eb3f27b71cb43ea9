import { shortDigest } from '../../render/images.ts';
import type { AddCommand } from '../command.ts';
import { describeImage } from './describe-image.ts';

export const addTag: AddCommand = (images, choose) => {
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
          const tagged = await environment.images.tag({ service, image, tag, signal });
          return {
            data: { image: describeImage(tagged) },
            render: () => `${tagged.repository}:${tag} is ${shortDigest(tagged.digest)} now.`,
          };
        },
      });
    });
};
