import { openEmbeddedImageStore } from '../../src/embedded.ts';
import { assembleImage } from '../../src/index.ts';
import { sampleSource } from '../../src/testing.ts';

// A writer for the tests: puts images of its own, one after the other, and says so.
const [folder = '', name = '', count = ''] = process.argv.slice(2);
const store = openEmbeddedImageStore({ folder });
for (let index = 0; index < Number(count); index += 1) {
  const source = sampleSource({ 'main.js': `${name} ${index}`, 'shared.js': 'x'.repeat(50_000) });
  const image = await assembleImage({ source, repository: 'shop-api', environment: name });
  await store.put(image);
  process.stdout.write(`${image.tag}\n`);
}
