import { stat } from 'node:fs/promises';

import { silentLogger, systemClock } from '@maestro/core';

import { HostNginx } from './host-nginx.ts';
import { nginxLayout } from './nginx-layout.ts';
import { askStatus } from './nginx-state.ts';
import { isAtLeast } from './nginx-version.ts';
import type { NginxOptions } from './open-nginx.ts';
import { listenersOf, readSettled } from './settled-topology.ts';

/** The nginx of an environment as it is found. */
export interface NginxFacts {
  /** Such as `1.22.1`. */
  readonly version: string;
  /** Whether it is one that Maestro works with. */
  readonly isSupported: boolean;
  /** What nginx finds wrong with the configuration in use; null for nothing, and where there is none yet. */
  readonly wrong: string | null;
  /** Whether it has served this environment before. */
  readonly hasServed: boolean;
  readonly isRunning: boolean;
  /** Whether what it serves is the configuration in use; false while it does not run. */
  readonly servesCurrent: boolean;
  /** Where it listens, or listened, for outsiders. */
  readonly listeners: readonly { readonly host: string; readonly port: number }[];
  /** Paths of files that an operation which was cut off left behind. */
  readonly leftovers: readonly string[];
}

export type ObserveNginxOptions = Pick<NginxOptions, 'clock' | 'logger' | 'program' | 'stateFolder'>;

const oldest = [1, 22, 0] as const;

/** Looks at the nginx of an environment and tries its configuration; changes nothing. Throws `BLUEGREEN_PROXY_FAILED`. */
export async function observeNginx(
  options: ObserveNginxOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<NginxFacts> {
  const { stateFolder, clock = systemClock, logger = silentLogger } = options;
  const layout = nginxLayout(stateFolder);
  const program = options.program?.({ layout, clock }) ?? new HostNginx({ program: 'nginx', layout, clock });
  const stored = await readSettled(layout, logger);
  const master = await program.master();
  const served = stored === null || master === null ? null : await askStatus({ clock }, stored.statusPort);
  const version = await program.version({ signal });
  return {
    version: version.join('.'),
    isSupported: isAtLeast(version, oldest),
    wrong: (await isThere(layout.config)) ? await program.check(layout.config, { signal }) : null,
    hasServed: stored !== null,
    isRunning: master !== null,
    servesCurrent: stored !== null && served === stored.id,
    listeners: stored === null ? [] : listenersOf({ ...stored, routed: [] }, stored.listen.host),
    leftovers: await existing([layout.nextConfig, layout.closing]),
  };
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(files.map(isThere));
  return files.filter((_, index) => there[index]);
}

async function isThere(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
