import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

/** Every code this package throws; the README says what to do about each. */
export type ImageStoreErrorCode =
  | 'IMAGE_STORE_BUILD_CYCLE'
  | 'IMAGE_STORE_BUILD_FAILED'
  | 'IMAGE_STORE_CORRUPT'
  | 'IMAGE_STORE_CREDENTIALS'
  | 'IMAGE_STORE_DELETE_DISABLED'
  | 'IMAGE_STORE_DENIED'
  | 'IMAGE_STORE_DIRTY'
  | 'IMAGE_STORE_DOCKERFILE_INVALID'
  | 'IMAGE_STORE_ENGINE_FAILED'
  | 'IMAGE_STORE_ENGINE_UNREACHABLE'
  | 'IMAGE_STORE_FOLDER_TAKEN'
  | 'IMAGE_STORE_GIT_FAILED'
  | 'IMAGE_STORE_INVALID_LAYOUT'
  | 'IMAGE_STORE_INVALID_NAME'
  | 'IMAGE_STORE_INVALID_REGISTRY'
  | 'IMAGE_STORE_INVALID_RELEASE'
  | 'IMAGE_STORE_LOCKED'
  | 'IMAGE_STORE_NOT_A_GIT_REPOSITORY'
  | 'IMAGE_STORE_NO_COMMITS'
  | 'IMAGE_STORE_NO_ROLLBACK_TARGET'
  | 'IMAGE_STORE_PULL_FAILED'
  | 'IMAGE_STORE_PUSH_FAILED'
  | 'IMAGE_STORE_RELEASE_CONFLICT'
  | 'IMAGE_STORE_RELEASE_NOT_HEALTHY'
  | 'IMAGE_STORE_SCAN_FAILED'
  | 'IMAGE_STORE_SCAN_REFUSED'
  | 'IMAGE_STORE_SOURCE_EMPTY'
  | 'IMAGE_STORE_SOURCE_UNSUPPORTED'
  | 'IMAGE_STORE_UNAUTHORIZED'
  | 'IMAGE_STORE_UNEXPECTED_ANSWER'
  | 'IMAGE_STORE_UNKNOWN_IMAGE'
  | 'IMAGE_STORE_UNKNOWN_REF'
  | 'IMAGE_STORE_UNKNOWN_RELEASE'
  | 'IMAGE_STORE_UNREACHABLE'
  | 'IMAGE_STORE_UNSAFE_IMAGE'
  | 'IMAGE_STORE_UNSUPPORTED_BUILD'
  | 'IMAGE_STORE_UNSUPPORTED_IMAGE';

export class ImageStoreError extends MaestroError<ImageStoreErrorCode> {
  constructor(code: ImageStoreErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'ImageStoreError';
  }
}

export function unknownImage(repository: string, reference: string): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_UNKNOWN_IMAGE', `the repository ${repository} holds no image ${reference}`, {
    hint: `maestro images list shows what ${repository} holds`,
    details: { repository, reference },
  });
}

export function corrupt(path: string, found: string, options: { readonly cause?: unknown } = {}): ImageStoreError {
  return new ImageStoreError('IMAGE_STORE_CORRUPT', `${path} is damaged: ${found}`, {
    hint: `move ${path} away and put the image again: maestro images build --push`,
    details: { path },
    ...options,
  });
}
