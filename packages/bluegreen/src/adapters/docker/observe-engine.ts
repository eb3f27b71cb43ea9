import { type Clock, systemClock } from '@maestro/core';
import { z } from 'zod';

import { networkName, type Scope } from './container-labels.ts';
import { engineAddress, type EngineCertificates } from './engine-address.ts';
import { inspectedNetwork } from './engine-answers.ts';
import { EngineClient } from './engine-client.ts';
import { engineFailed } from './errors.ts';

export interface ObserveEngineOptions extends Scope {
  /** `unix:///…` or `tcp://<host>:<port>`; by default `DOCKER_HOST`, else the usual socket. */
  readonly engine?: string | undefined;
  readonly certificates?: EngineCertificates | undefined;
  readonly clock?: Clock | undefined;
}

/** What an engine says of itself. */
export interface EngineFacts {
  /** As `docker --host` takes it. */
  readonly address: string;
  /** Whether it is reached by a socket, and so is on this machine. */
  readonly isLocal: boolean;
  readonly version: string;
  /** Of its interface, such as `1.41`. */
  readonly apiVersion: string;
  readonly hasBuildKit: boolean;
  /** Such as `overlay2`. */
  readonly storageDriver: string;
  /** Where it keeps images and containers, on its own machine. */
  readonly rootFolder: string;
  readonly memoryBytes: number;
  /** What it warns of itself, in its own words. */
  readonly warnings: readonly string[];
  /** Its clock minus that of this machine, in steps of a second; null where it does not tell the time. */
  readonly clockOffsetMs: number | null;
  /** Whether the environment has its network there: it was opened before. */
  readonly hasNetwork: boolean;
}

const deadlineMs = 10_000;

const versionAnswer = z.object({ Version: z.string(), ApiVersion: z.string() });
const infoAnswer = z.object({
  Driver: z.string().default(''),
  DockerRootDir: z.string().default(''),
  MemTotal: z.number().default(0),
  Warnings: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});

/** Asks an engine what it is; changes nothing. Throws `BLUEGREEN_ENGINE_UNREACHABLE`, `BLUEGREEN_ENGINE_FAILED`. */
export async function observeEngine(
  options: ObserveEngineOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<EngineFacts> {
  const { project, environment, clock = systemClock } = options;
  const address = engineAddress(options);
  const client = new EngineClient({ address, clock });
  const get = (path: string) => ({ method: 'GET', path, deadlineMs, signal }) as const;
  try {
    const asked = clock.now();
    const { date = '', 'builder-version': builder } = await client.headers(get('/_ping'));
    // Its time was told somewhere between question and answer.
    const here = (asked + clock.now()) / 2;
    const [version, info, network] = await Promise.all([
      client.read(get('/version'), versionAnswer),
      client.read(get('/info'), infoAnswer),
      client.find(get(`/networks/${networkName({ project, environment })}`), inspectedNetwork),
    ]);
    return {
      address: address.shown,
      isLocal: 'socketPath' in address.connection,
      version: version.Version,
      apiVersion: version.ApiVersion,
      hasBuildKit: builder === '2',
      storageDriver: info.Driver,
      rootFolder: info.DockerRootDir,
      memoryBytes: info.MemTotal,
      warnings: info.Warnings,
      clockOffsetMs: Number.isNaN(Date.parse(date)) ? null : Math.round(Date.parse(date) - here),
      hasNetwork: network !== undefined,
    };
  } catch (error) {
    throw engineFailed(address, 'say what it is', error);
  }
}
