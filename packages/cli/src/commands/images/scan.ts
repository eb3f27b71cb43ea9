import { renderScanned } from '../../render/scanned-images.ts';
import { type AddCommand, namedServices } from '../command.ts';

export const addScan: AddCommand = (images, choose) => {
  images
    .command('scan')
    .argument('[services...]', 'all by default')
    .option('--ref <git-ref>', 'the commit that was built; the working tree by default')
    .description("judge the images' known vulnerabilities by the policy of the environment")
    .action((services: readonly string[], { ref }: { readonly ref?: string }) => {
      choose({
        name: 'images scan',
        run: async ({ environment, onEvent, signal }) => {
          const scanned = await environment.images.scan({ services: namedServices(services), ref, onEvent, signal });
          return { data: { images: scanned }, render: (style) => renderScanned(scanned, style) };
        },
      });
    });
};
