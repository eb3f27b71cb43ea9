import type { AssembledImage, ImageSource } from '@maestro/image-store';
import type { ResolvedService } from '@maestro/registry';

import type { ReleaseDefinition, ServiceDefinition } from './release-definition.ts';

/** What a deployment would run of one service. */
export interface ProposedImage {
  readonly service: ResolvedService;
  readonly repository: string;
  readonly tag: string;
  /** Null for an image that is yet to be built. */
  readonly digest: string | null;
  /** Identity of what it is made of. */
  readonly inputHash: string;
  /** The commit, with `-dirty` where the working tree was not it. */
  readonly revision: string;
  /** The image itself where it is made in memory, and not stored yet. */
  readonly assembled: AssembledImage | null;
  /** Files of the service's folder, its migrations among them; none for a service without a database. */
  readonly files: ImageSource['files'];
}

/** Images by service; empty where a release is finished or returned to and its images are stored already. */
export type AssembledImages = ReadonlyMap<string, AssembledImage>;

/** The image of a service of a release. */
export type DefinedImage = Pick<ServiceDefinition, 'digest' | 'image' | 'name' | 'repository' | 'revision'>;

export interface ImageWorkOptions {
  /** A line of progress. */
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
}

/** How a release gets its images: found, made, kept, and brought to where they are run. */
export interface ReleaseImages {
  /** What a deployment of these services would run; makes and keeps nothing. */
  propose(
    services: readonly ResolvedService[],
    options: { readonly ref: string | undefined; readonly signal: AbortSignal },
  ): Promise<readonly ProposedImage[]>;
  /**
   * Makes what is yet to be built, sends it to where it is kept and tells its digest, by service; keeps what `files`
   * needs. Done before the release is written down: what it leaves behind is in nobody's way.
   */
  make(
    proposed: readonly ProposedImage[],
    options: ImageWorkOptions & { readonly release: string; readonly ref: string | undefined },
  ): Promise<ReadonlyMap<string, string>>;
  /** Nobody removes the images of a release while it is worked on. */
  whileClaimed<T>(release: ReleaseDefinition, work: () => Promise<T>): Promise<T>;
  /** For a release that was cut off, and has ended otherwise: what was kept and claimed for it goes. */
  letGo(release: string): Promise<void>;
  /** Removes what was kept for releases that were cut off before they were written down, or once they were recorded. */
  removeLeftovers(): Promise<void>;
  /**
   * Has an image that a deployment brings where it is kept and run, under its tag and as the latest.
   * Throws `ORCHESTRATOR_IMAGE_MISSING`.
   */
  store(image: DefinedImage, options: ImageWorkOptions & { readonly assembled: AssembledImage | null }): Promise<void>;
  /** Has an image of an earlier release where it is run, and asks nobody where it is there. Throws `ORCHESTRATOR_IMAGE_MISSING`. */
  fetch(image: DefinedImage, options: ImageWorkOptions): Promise<void>;
  /** Lets images pass or throws `IMAGE_STORE_SCAN_REFUSED`; null where nobody judges them. */
  readonly judge: ((images: readonly DefinedImage[], options: ImageWorkOptions) => Promise<void>) | null;
  /** A folder with the files of a service, its migrations among them, while a release is worked on. */
  files(image: DefinedImage, release: string): Promise<string>;
}
