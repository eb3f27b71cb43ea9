import { expect, it } from 'vitest';

import { type BaseImageName, baseImages } from './base-images.ts';
import { recipeOf } from './recipes.ts';

it.each(Object.keys(baseImages) as BaseImageName[])('says of the %s image that it is a stand-in', (name) => {
  expect(recipeOf(name).config.Labels).toMatchObject({
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.description': expect.stringContaining('stand-in') as string,
    'dev.maestro.base-image': 'debian',
  });
});

it('puts the Node and the Debian into the image that its reference promises', () => {
  const { debian, nodeFiles } = recipeOf('node');
  const [, major, suite] = /^node:(\d+)-(\w+)-slim$/.exec(baseImages.node) ?? [];
  expect(nodeFiles?.node.split('.')[0]).toBe(major);
  expect(debian.suite).toBe(suite);
});

it('is on the Debian that the reference for Python promises', () => {
  expect(baseImages.python).toMatch(new RegExp(`-slim-${recipeOf('python').debian.suite}$`));
});
