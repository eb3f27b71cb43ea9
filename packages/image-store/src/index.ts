export { buildImages, type BuildImagesOptions, type FindImage, type ServiceImage } from './build/build-images.ts';
export { findByInput, type FindByInputOptions } from './build/find-by-input.ts';
export { usedBases, type UsedBasesOptions } from './build/used-bases.ts';
export { type ImageRecipe } from './build/image-recipe.ts';
export { ImageStoreError, type ImageStoreErrorCode } from './errors.ts';
export { type ImageEvent, type ScanEvent } from './events.ts';
export { imagesOfReleases, type ImagesOfReleasesOptions, type ReleaseImages } from './history/images-of-releases.ts';
export { mergeReleases, type MergedReleases } from './history/merge-releases.ts';
export { rebuildRecords, type RebuildOptions, type TaggedImage } from './history/rebuild-records.ts';
export { isUsable, newestUsable, rollbackTarget, type RollbackQuery } from './history/rollback-target.ts';
export { openSharedReleaseHistory, type SharedReleaseHistoryOptions } from './history/shared-release-history.ts';
export { type AssembledImage, assembleImage, type AssembleImageOptions } from './image/assemble-image.ts';
export { type Descriptor, type ImageBlob } from './image/blob.ts';
export { type BuildOptions, type BuildRequest, type BuiltImage, type ImageBuilder } from './ports/image-builder.ts';
export {
  type ContentPlace,
  type ImageContent,
  type ReadableImageContent,
  type WritableImageContent,
} from './ports/image-content.ts';
export { type ImageClaim, type ImageClaims } from './ports/image-claims.ts';
export { type ImageEngine, type TransferOptions } from './ports/image-engine.ts';
export {
  type Cancellable,
  type ImageKey,
  type ImageStore,
  type PutImage,
  type StoredImage,
} from './ports/image-store.ts';
export { type ReleasedImage, type ReleaseHistory, type ReleaseRecord } from './ports/release-history.ts';
export {
  type Finding,
  type ScanReport,
  type Severity,
  type VulnerabilityScanner,
} from './ports/vulnerability-scanner.ts';
export { claimImages, type ClaimImagesOptions } from './retention/claim-images.ts';
export {
  type ImageReference,
  type KeptImage,
  planPrune,
  type PrunePlan,
  type PruneQuery,
} from './retention/plan-prune.ts';
export { type Pruned, pruneImages, type PruneOptions } from './retention/prune-images.ts';
export {
  type Allowance,
  type AllowedFinding,
  judge,
  type JudgeOptions,
  type Judgement,
  type ScanPolicy,
} from './scan/judge.ts';
export { type ScannedImage, scanImages, type ScanImagesOptions, type ScanOutcome } from './scan/scan-images.ts';
export { gitChanges, type GitChanges, type GitChangesOptions } from './source/git-changes.ts';
export { type GitSourceOptions, readGitSource } from './source/git-source.ts';
export { type ImageSource, type SourceFile } from './source/image-source.ts';
export { copyImage, type CopyImageOptions } from './transfer/copy-image.ts';
export { type CopiedImage, type CopyOptions, type TaggedImageKey } from './transfer/copy-images.ts';
export { dockerArchive, type DockerArchiveOptions } from './transfer/docker-archive.ts';
export { mirrorImages, type MirrorOptions } from './transfer/mirror-images.ts';
export { releasedImages } from './transfer/released-images.ts';
