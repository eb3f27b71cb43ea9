export {
  type EmbeddedImageContentOptions,
  openEmbeddedImageContent,
} from './adapters/embedded/embedded-image-content.ts';
export { type EmbeddedImageStoreOptions, openEmbeddedImageStore } from './adapters/embedded/embedded-image-store.ts';
export { type FileImageClaimsOptions, openFileImageClaims } from './adapters/embedded/file-image-claims.ts';
export { type FileReleaseHistoryOptions, openFileReleaseHistory } from './adapters/embedded/file-release-history.ts';
export { type LayoutContentOptions, openLayoutContent } from './adapters/layout/layout-content.ts';
export { loadRelease, type LoadReleaseOptions } from './transfer/load-release.ts';
export { type ReleasePlace } from './transfer/release-place.ts';
export { saveRelease, type SaveReleaseOptions } from './transfer/save-release.ts';
export { openSavedRelease, type SavedRelease } from './transfer/saved-release.ts';
