export { type BaseImageName, baseImages } from './base-images.ts';
export type { EngineAddress } from './docker-engine.ts';
export { type BaseImage, ensureBaseImage, type EnsureBaseImageOptions } from './ensure-base-image.ts';
export type { BaseImageErrorCode } from './errors.ts';
