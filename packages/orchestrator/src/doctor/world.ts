import type { EngineFacts } from '@maestro/bluegreen/docker';
import type { LiveFacts, NginxFacts } from '@maestro/bluegreen/nginx';
import type { Clock, ErrorReport } from '@maestro/core';
import type { ReleaseImages } from '@maestro/image-store';
import type { RegistryFacts } from '@maestro/image-store/oci';
import type { MigrationStatus } from '@maestro/migrations';
import type { ResolvedEnvironment } from '@maestro/registry';
import type { SecretFailureReason } from '@maestro/secrets';
import type { AwsIdentity } from '@maestro/secrets/aws';

import type { EnvironmentStatus } from '../environment.ts';
import type { LockSighting } from '../lock/deployment-lock.ts';
import type { MigrationFinding } from '../migrations/environment-migrations.ts';
import type { GitFacts } from './look-at-git.ts';
import type { Nothing } from './nothing.ts';

/** What the sources of an environment's secrets give. */
export interface SecretFacts {
  /** The place as operators know it. */
  readonly store: string;
  /** Names that services need, each once. */
  readonly needed: readonly string[];
  readonly failures: readonly { readonly name: string; readonly reason: SecretFailureReason }[];
  /** Why what the secrets refer to cannot be had, though they themselves are there; null for nothing. */
  readonly references: ErrorReport | null;
}

/** A database of a service. */
export interface DatabaseFacts {
  readonly service: string;
  readonly adapter: 'mysql' | 'postgresql' | 'sqlite';
  /** As the server says it, such as `10.11.14-MariaDB`; null where it does not answer. */
  readonly version: string | null;
  readonly failure: ErrorReport | null;
}

/** Where the migrations of a service stand; `failure` where that cannot be told. */
export interface MigrationFacts {
  readonly service: string;
  readonly status: MigrationStatus | null;
  readonly failure: ErrorReport | null;
  readonly findings: readonly MigrationFinding[];
}

/**
 * What checks look at; each look is taken once, however many checks ask. Looks at what an environment does not have answer
 * null.
 */
export interface World {
  readonly environment: ResolvedEnvironment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly git: () => Promise<GitFacts>;
  readonly engine: () => Promise<EngineFacts | Nothing>;
  readonly nginx: () => Promise<NginxFacts | Nothing>;
  readonly live: () => Promise<LiveFacts>;
  readonly imageRepository: () => Promise<RegistryFacts | Nothing>;
  readonly awsIdentity: () => Promise<AwsIdentity | Nothing>;
  readonly secrets: () => Promise<SecretFacts | Nothing>;
  readonly databases: () => Promise<readonly DatabaseFacts[] | Nothing>;
  readonly migrations: () => Promise<readonly MigrationFacts[] | Nothing>;
  readonly status: () => Promise<EnvironmentStatus | Nothing>;
  readonly lock: () => Promise<LockSighting | null>;
  /** Those that a rollback can return to. */
  readonly releases: () => Promise<readonly ReleaseImages[] | Nothing>;
}
