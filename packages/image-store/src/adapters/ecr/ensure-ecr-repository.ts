import { CreateRepositoryCommand, type CreateRepositoryCommandInput } from '@aws-sdk/client-ecr';
import { type Clock, systemClock } from '@maestro/core';

import { checkRepository } from '../../image/names.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { awsErrorIn, EcrApi } from './ecr-api.ts';
import { ecrRegistryAt } from './ecr-registry.ts';

export interface EcrRepositoryOptions extends Cancellable {
  /** `https://<account>.dkr.ecr.<region>.amazonaws.com` */
  readonly registry: string;
  /** With its namespace: `team/shop-api`. */
  readonly name: string;
  /** Tags that go from image to image, at most five, `*` for any text; `latest` and `stable` by default. All others stay. */
  readonly movingTags?: readonly string[] | undefined;
  /** Has each image scanned when it is stored; true by default. A registry with rules for scanning of its own keeps to them. */
  readonly scanOnPush?: boolean | undefined;
  /** What AWS shows it with, by key. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The key that images are encrypted with; AWS's own by default. */
  readonly kmsKey?: string | undefined;
  /** Where AWS's interface is, where it is not at its usual place. */
  readonly endpoint?: string | undefined;
  readonly clock?: Clock | undefined;
}

export interface EnsuredRepository {
  /** False for one that was there; its settings are left as they are. */
  readonly created: boolean;
}

/**
 * Creates a repository in Amazon ECR unless it is there, whoever creates it at the same time. Throws
 * `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`, `IMAGE_STORE_CREDENTIALS`, `IMAGE_STORE_DENIED`,
 * `IMAGE_STORE_UNREACHABLE`, and `IMAGE_STORE_UNEXPECTED_ANSWER` for what AWS does not accept.
 */
export async function ensureEcrRepository(options: EcrRepositoryOptions): Promise<EnsuredRepository> {
  const { name, endpoint, clock = systemClock, signal } = options;
  const registry = ecrRegistryAt(options.registry);
  for (const part of name.split('/')) checkRepository(part);
  const api = new EcrApi({ ...registry, endpoint, clock });
  const command = new CreateRepositoryCommand(repositorySettings(options, registry.account));
  try {
    await api.ask({ action: 'CreateRepository', send: (client, sending) => client.send(command, sending), signal });
    return { created: true };
  } catch (error) {
    if (awsErrorIn(error) === 'RepositoryAlreadyExistsException') return { created: false };
    throw error;
  }
}

function repositorySettings(options: EcrRepositoryOptions, account: string): CreateRepositoryCommandInput {
  const { name, movingTags = ['latest', 'stable'], scanOnPush = true, tags = {}, kmsKey } = options;
  return {
    registryId: account,
    repositoryName: name,
    ...mutability(movingTags),
    imageScanningConfiguration: { scanOnPush },
    encryptionConfiguration: kmsKey === undefined ? { encryptionType: 'AES256' } : { encryptionType: 'KMS', kmsKey },
    tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

/** AWS accepts no empty list of exceptions. */
function mutability(movingTags: readonly string[]): Partial<CreateRepositoryCommandInput> {
  if (movingTags.length === 0) return { imageTagMutability: 'IMMUTABLE' };
  return {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: movingTags.map((filter) => ({ filterType: 'WILDCARD', filter })),
  };
}
