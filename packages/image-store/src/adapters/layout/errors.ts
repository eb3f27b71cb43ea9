import { ImageStoreError } from '../../errors.ts';

export function invalidLayout(path: string, found: string, cause?: unknown): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_INVALID_LAYOUT', `${path} is no part of a saved release: ${found}`, {
    hint: 'save the release again, and see that all of it has been copied: compare the sums of sha256sum on both sides',
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function damagedFile(path: string, found: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_CORRUPT', `${path} is damaged: ${found}`, {
    hint: `bring this file again from where it was saved; what it must have is in its name: sha256sum ${path}`,
    details: { path },
  });
}
