import { expect, it } from 'vitest';

import { unpackTar } from '../../containers/tar-archive.ts';
import { keeperImage } from './keeper-image.ts';

it('is the same each time, and another one for each project and processor', () => {
  const of = (project: string, architecture: 'amd64' | 'arm64') => keeperImage({ project, architecture });
  expect(of('shop', 'amd64')).toEqual(of('shop', 'amd64'));
  const references = [of('shop', 'amd64'), of('shop', 'arm64'), of('other', 'amd64')].map(({ reference }) => reference);
  expect(new Set(references).size).toBe(3);
  expect(references[0]).toMatch(/^maestro-secrets-keeper:[0-9a-f]{12}$/);
});

it('holds a program and nothing to start a shell with', () => {
  const { archive } = keeperImage({ project: 'shop', architecture: 'amd64' });
  const layer = unpackTar(archive)?.get('layer.tar');
  expect([...(unpackTar(layer ?? new Uint8Array())?.keys() ?? [])]).toEqual(['keeper', 'project']);
});
