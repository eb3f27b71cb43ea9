import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import type { Router } from '../../ports/router.ts';
import type { SlotAddresses } from '../../ports/slot-addresses.ts';
import type { TrafficSource } from '../../ports/traffic.ts';
import { NginxTraffic } from './nginx-traffic.ts';
import { HostNginx } from './host-nginx.ts';
import { type NginxLayout, nginxLayout } from './nginx-layout.ts';
import type { NginxProgram } from './nginx-program.ts';
import { NginxRouter } from './nginx-router.ts';

export interface NginxOptions {
  /** Where the environment keeps its state, an absolute path on nginx's machine; `nginx/`, `generations/` and `live` are in it. */
  readonly stateFolder: string;
  /** Where the slots answer. */
  readonly slots: SlotAddresses;
  /** How nginx is run; the `nginx` on this machine by default. */
  readonly program?: ((place: { readonly layout: NginxLayout; readonly clock: Clock }) => NginxProgram) | undefined;
  /** Where other services reach each service, such as the gateway of their network; 127.0.0.1 by default. */
  readonly servicesHost?: string | undefined;
  /** The system's user of nginx's workers where its master is root's, as `user` or `user group`; nginx's own choice by default. */
  readonly workerUser?: string | undefined;
  /** How long clients are told that their connections will be closed before a reload closes them; 2,000 by default. */
  readonly goodbyeMs?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** nginx of one environment: as its router, and as the source of what its slots were asked and answered. */
export interface Nginx {
  readonly router: Router;
  readonly traffic: TrafficSource;
  /** Starts it where it does not run but has served before. Throws `BLUEGREEN_PROXY_FAILED`, `BLUEGREEN_PORT_IN_USE`. */
  ensureRunning(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Has a new nginx take over from the one that runs, with no moment in which nobody listens. Throws `BLUEGREEN_PROXY_FAILED`. */
  replaceProxy(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Ends it when its requests are answered, after 10 s at the latest. Routes and ports stay, for the next start. */
  shutdown(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

const shutdownMs = 10_000;

/** Opens the nginx of an environment, without starting it. */
export function openNginx(options: NginxOptions): Nginx {
  const { stateFolder, slots, servicesHost = '127.0.0.1', workerUser, goodbyeMs = 2_000 } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const layout = nginxLayout(stateFolder);
  const program = options.program?.({ layout, clock }) ?? new HostNginx({ program: 'nginx', layout, clock });
  const router = new NginxRouter({ layout, program, slots, servicesHost, workerUser, goodbyeMs, clock, logger });
  return {
    router,
    traffic: new NginxTraffic({ layout, program }),
    ensureRunning: (call) => router.ensureRunning(call),
    replaceProxy: (call) => router.replaceProxy(call),
    shutdown: (call) => program.stop({ ...call, timeoutMs: shutdownMs }),
  };
}
