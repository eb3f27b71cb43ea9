import { resolve } from 'node:path';

import type { EnvironmentDefinition, Service } from './registry-schema.ts';

/** A certificate and what it is for; paths absolute. */
export interface ResolvedCertificate {
  readonly hosts: readonly string[];
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Where an environment is reached; paths absolute. */
export interface ResolvedProxy {
  readonly host: string;
  readonly port: number;
  readonly tls?: {
    readonly port: number;
    readonly certificates: readonly ResolvedCertificate[];
    readonly http2: boolean;
    readonly redirect: boolean;
  };
  readonly maintenancePage?: string;
  /** Of the container that nginx runs in; absent for the machine's own nginx. */
  readonly image?: string;
  readonly workerUser?: string;
  readonly closingMs?: number;
}

export function resolveProxy(
  { host, port, tls, maintenancePage, image, workerUser, closingMs }: EnvironmentDefinition['proxy'],
  root: string,
): ResolvedProxy {
  return {
    host,
    port,
    ...(tls && {
      tls: {
        ...tls,
        certificates: tls.certificates.map(({ hosts, certificate, key }) => ({
          hosts,
          certificateFile: resolve(root, certificate),
          keyFile: resolve(root, key),
        })),
      },
    }),
    ...(maintenancePage === undefined ? {} : { maintenancePage: resolve(root, maintenancePage) }),
    ...(image === undefined ? {} : { image }),
    ...(workerUser === undefined ? {} : { workerUser }),
    ...(closingMs === undefined ? {} : { closingMs }),
  };
}

/** How a service gets from one version to the next, and how long what is left of the one before may take. */
export type ResolvedStrategy =
  | { readonly kind: 'blue-green' | 'recreate' }
  | { readonly kind: 'worker'; readonly successor: 'after' | 'beside' }
  | { readonly kind: 'job'; readonly timeoutMs: number };

const defaultJobTimeoutMs = 600_000;

export function resolveStrategy({
  strategy,
  overlap = true,
  jobTimeoutMs = defaultJobTimeoutMs,
}: Pick<Service, 'jobTimeoutMs' | 'overlap' | 'strategy'>): ResolvedStrategy {
  switch (strategy) {
    case 'worker':
      return { kind: strategy, successor: overlap ? 'beside' : 'after' };
    case 'job':
      return { kind: strategy, timeoutMs: jobTimeoutMs };
    default:
      return { kind: strategy };
  }
}
