export { type EmbeddedImageStoreOptions, openEmbeddedImageStore } from './adapters/embedded/embedded-image-store.ts';
export { type FileReleaseHistoryOptions, openFileReleaseHistory } from './adapters/embedded/file-release-history.ts';
