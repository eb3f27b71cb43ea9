import type {
  BlueGreen,
  BlueGreenEvent,
  InstanceKey,
  InstanceLogs,
  JobRunner,
  RouterAddresses,
  Topology,
} from '@maestro/bluegreen';
import type { Clock, Logger, Observer } from '@maestro/core';
import type { ReleaseHistory } from '@maestro/image-store';
import type { MigrationEvent, Migrations } from '@maestro/migrations';
import type { ResolvedEnvironment } from '@maestro/registry';
import type { SecretStore } from '@maestro/secrets';

import type { Journals } from '../journal/journal.ts';
import type { DeploymentLock } from '../lock/deployment-lock.ts';
import type { ReleaseDatabase } from '../migrations/release-database.ts';
import type { RunBeside } from '../operations/run-beside.ts';
import type { ReleaseDefinitions } from './release-definitions.ts';
import type { ReleaseImages } from './release-images.ts';

/** What a release is made with; the composition root picks the adapters the environment names. */
export interface Parts {
  readonly environment: ResolvedEnvironment;
  /** Absolute paths of the files that the registry is made of. */
  readonly registryFiles: readonly string[];
  readonly images: ReleaseImages;
  readonly history: ReleaseHistory;
  readonly secrets: SecretStore | null;
  /** What instances print. */
  readonly logs: InstanceLogs;
  /** Runs a program in the place of an instance that runs. */
  readonly runBeside: RunBeside;
  /** Runs what ends by itself. */
  readonly jobs: JobRunner;
  readonly definitions: ReleaseDefinitions;
  readonly journals: Journals;
  readonly lock: DeploymentLock;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `user@machine` */
  readonly by: string;
  blueGreen(onEvent?: Observer<BlueGreenEvent>): BlueGreen;
  /** The migrations in a folder, for a service's database. */
  migrations(options: {
    readonly service: string;
    readonly folder: string;
    readonly database: ReleaseDatabase;
    readonly signal: AbortSignal;
    readonly onEvent?: Observer<MigrationEvent> | undefined;
  }): Promise<Migrations>;
  /** Whether the router would have to load its configuration anew for a topology. */
  reloadsFor(topology: Topology): Promise<boolean>;
  /** Starts what must run before instances can, and brings back what a restart of the machine left behind. */
  ensureRunning(signal: AbortSignal): Promise<void>;
  /** The command that ends an instance without Maestro; null where there is no process of it. */
  endByHand(key: InstanceKey): Promise<string | null>;
  /** Ends everything that runs, the live instances too. */
  shutdown(signal?: AbortSignal): Promise<void>;
  /** Where the environment is reached; null while its router does not run. */
  addresses(): Promise<RouterAddresses | null>;
}
