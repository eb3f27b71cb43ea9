export { ImageStoreError, type ImageStoreErrorCode } from './errors.ts';
export { rollbackTarget, type RollbackQuery } from './history/rollback-target.ts';
export { type AssembledImage, assembleImage, type AssembleImageOptions } from './image/assemble-image.ts';
export { type ImageBlob } from './image/blob.ts';
export {
  type Cancellable,
  type ImageKey,
  type ImageStore,
  type PutImage,
  type StoredImage,
} from './ports/image-store.ts';
export { type ReleasedImage, type ReleaseHistory, type ReleaseRecord } from './ports/release-history.ts';
export {
  type ImageReference,
  type KeptImage,
  planPrune,
  type PrunePlan,
  type PruneQuery,
} from './retention/plan-prune.ts';
export { type Pruned, pruneImages, type PruneOptions } from './retention/prune-images.ts';
export { type GitSourceOptions, readGitSource } from './source/git-source.ts';
export { type ImageSource, type SourceFile } from './source/image-source.ts';
