import type { BlueGreen, BlueGreenEvent, RouterAddresses } from '@maestro/bluegreen';
import type { Clock, Logger, Observer } from '@maestro/core';
import type { AssembledImage, ImageKey, ImageSource, ImageStore, ReleaseHistory } from '@maestro/image-store';
import type { MigrationEvent, Migrations } from '@maestro/migrations';
import type { ResolvedEnvironment, ResolvedService } from '@maestro/registry';
import type { SecretStore } from '@maestro/secrets';

import type { Journals } from '../journal/journal.ts';
import type { DeploymentLock } from '../lock/deployment-lock.ts';
import type { ReleaseDatabase } from '../migrations/release-database.ts';
import type { ReleaseDefinitions } from './release-definitions.ts';

/** An image and the files it was made of. */
export interface Assembled {
  readonly image: AssembledImage;
  readonly files: ImageSource['files'];
}

/** What a release is made with; the composition root picks the adapters the environment names. */
export interface Parts {
  readonly environment: ResolvedEnvironment;
  readonly images: ImageStore;
  readonly history: ReleaseHistory;
  readonly secrets: SecretStore | null;
  readonly definitions: ReleaseDefinitions;
  readonly journals: Journals;
  readonly lock: DeploymentLock;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `user@machine` */
  readonly by: string;
  /** Makes an image of a service's files at a git ref, or of the working tree, without storing it. */
  assemble(
    service: ResolvedService,
    options: { readonly ref: string | undefined; readonly signal: AbortSignal },
  ): Promise<Assembled>;
  /** The folder with an image's files. */
  unpack(image: ImageKey): Promise<string>;
  /** Removes that folder; one that is not there is fine. */
  removeUnpacked(image: ImageKey): Promise<void>;
  blueGreen(onEvent?: Observer<BlueGreenEvent>): BlueGreen;
  /** The migrations in a folder, for a service's database. */
  migrations(options: {
    readonly service: string;
    readonly folder: string;
    readonly database: ReleaseDatabase;
    readonly signal: AbortSignal;
    readonly onEvent?: Observer<MigrationEvent> | undefined;
  }): Promise<Migrations>;
  /** Starts what must run before instances can: the embedded daemon. */
  ensureRunning(signal: AbortSignal): Promise<void>;
  /** Ends everything that runs, the live instances too. */
  shutdown(signal?: AbortSignal): Promise<void>;
  /** Where the environment is reached; null while its router does not run. */
  addresses(): Promise<RouterAddresses | null>;
}
