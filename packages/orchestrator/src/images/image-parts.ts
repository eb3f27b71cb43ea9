import type { Clock, Logger, Observer } from '@maestro/core';
import type {
  ImageClaims,
  ImageEvent,
  ImageKey,
  ImageReference,
  ImageStore,
  ReadableImageContent,
  ReleaseHistory,
  ReleaseRecord,
  ScanEvent,
  ScanPolicy,
  StoredImage,
  VulnerabilityScanner,
} from '@maestro/image-store';
import type { ResolvedEnvironment, ResolvedService } from '@maestro/registry';

import type { ImagePlace, ServiceImage } from './environment-images.ts';
import type { OpenedRepository } from './open-repository.ts';

export interface ImageWork {
  readonly onEvent: Observer<ImageEvent | ScanEvent> | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface BuildWork extends ImageWork {
  readonly services: readonly ResolvedService[];
  readonly ref: string | undefined;
}

/** What the images of an environment are handled with; the composition root picks the adapters it names. */
export interface ImageParts {
  readonly environment: ResolvedEnvironment;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `user@machine` */
  readonly by: string;
  /** Where images are kept for good: the last of `places`. */
  readonly store: ImageStore;
  /** Everywhere images are kept. */
  readonly places: readonly { readonly place: ImagePlace; readonly store: ImageStore }[];
  /** The bytes of what `store` keeps; null where an engine does not give them as they are. */
  readonly content: ReadableImageContent | null;
  readonly history: ReleaseHistory;
  /** Null where nobody else removes images meanwhile. */
  readonly claims: ImageClaims | null;
  /** Null where the environment judges no images. */
  readonly scan: { readonly scanner: VulnerabilityScanner; readonly policy: ScanPolicy } | null;
  /** Makes what is not there yet of this input. */
  build(work: BuildWork): Promise<readonly ServiceImage[]>;
  /** What `build` would find; throws `IMAGE_STORE_UNKNOWN_IMAGE` where it would have to build. */
  find(work: BuildWork): Promise<readonly ServiceImage[]>;
  /** Sends an image to where the environment's other machines find it, and tells its digest there. */
  send(image: ServiceImage, work: ImageWork): Promise<ServiceImage>;
  /** Has an image on this machine, so that it can be run without asking anybody. */
  fetch(image: ImageKey, work: ImageWork): Promise<StoredImage>;
  /** What runs or could be started again. */
  instances(signal: AbortSignal | undefined): Promise<readonly ImageReference[]>;
  /** Removes what was made of an image outside of the places. */
  removeCopies(image: ImageKey): Promise<void>;
  /** Puts the images of a saved release where `store` keeps them. */
  load(file: string, work: ImageWork): Promise<ReleaseRecord>;
  /** Does some work while no release is under way. */
  alone<T>(purpose: string, work: () => Promise<T>): Promise<T>;
  /** Another image repository to copy to. */
  openRepository(address: string): Promise<Pick<OpenedRepository, 'content' | 'ensure'>>;
}
