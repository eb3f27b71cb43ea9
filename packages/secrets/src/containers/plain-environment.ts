import {
  type Clock,
  createEmitter,
  type Logger,
  type Observer,
  type Redacted,
  silentLogger,
  systemClock,
} from '@maestro/core';

import { revealAsEnvironment } from '../reveal-as-environment.ts';
import type { ContainerSecretsEvent } from './events.ts';

export interface PlainEnvironmentOptions {
  readonly service: string;
  readonly secrets: Readonly<Record<string, Redacted>>;
  /** Says that their being written to the engine's disk is accepted. */
  readonly accept: 'secrets-on-disk-and-in-docker-inspect';
  readonly onEvent?: Observer<ContainerSecretsEvent> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Gives plain values out for the `Env` of a container, for images that can neither read files nor have an entry point, and
 * warns each time: the engine writes them to its disk, where they stay after the container's end, and shows them to
 * whoever may inspect it. Throws SECRETS_UNFIT_FOR_ENVIRONMENT.
 */
export function revealAsPlainEnvironment(options: PlainEnvironmentOptions): Record<string, string> {
  const { service, secrets, onEvent, logger = silentLogger, clock = systemClock } = options;
  const environment = revealAsEnvironment(secrets);
  const names = Object.keys(environment);
  logger.warn('secrets go into the plain environment of a container', { service, names });
  createEmitter({ onEvent, clock, logger })({ type: 'secrets-in-plain-environment', service, names });
  return environment;
}
