import type { Service } from './registry-schema.ts';

/** What a container has in its file system beside its image. */
export type ResolvedMount =
  | { readonly kind: 'volume'; readonly volume: string; readonly target: string; readonly readOnly: boolean }
  | { readonly kind: 'folder'; readonly folder: string; readonly target: string; readonly readOnly: boolean }
  | { readonly kind: 'memory'; readonly target: string; readonly sizeBytes: number };

/** How the containers of a service are made; only what the registry says is among the optional keys. */
export interface ResolvedContainer {
  /** Where the service listens in it. */
  readonly port: number;
  readonly replicas: number;
  /** `variables`: the program reads its environment; `files`: it reads `/run/secrets`. */
  readonly secretsAs: 'files' | 'variables';
  readonly settings: {
    readonly user?: string;
    readonly cpus?: number;
    readonly memoryBytes?: number;
    readonly processes?: number;
    readonly mounts?: readonly ResolvedMount[];
    readonly networks?: readonly string[];
    readonly ulimits?: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
    readonly readOnlyRoot?: true;
    readonly dropCapabilities?: readonly string[];
    readonly addCapabilities?: readonly string[];
    readonly init?: true;
    readonly log?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  };
}

export function resolveContainer({ container, image }: Pick<Service, 'container' | 'image'>): ResolvedContainer {
  const { port, replicas, secretsAs, cpus, memory, pidsLimit, volumes, networks, ulimits, readOnly, ...rest } =
    container;
  const { capDrop, capAdd, init, logging } = rest;
  return {
    port,
    replicas,
    secretsAs,
    settings: {
      ...(image?.user === undefined ? {} : { user: image.user }),
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memoryBytes: bytesOf(memory) }),
      ...(pidsLimit === undefined ? {} : { processes: pidsLimit }),
      ...(volumes.length === 0 ? {} : { mounts: volumes.map(resolveMount) }),
      ...(networks.length === 0 ? {} : { networks }),
      ...(Object.keys(ulimits).length === 0 ? {} : { ulimits }),
      ...(readOnly ? { readOnlyRoot: true } : {}),
      ...(capDrop.length === 0 ? {} : { dropCapabilities: capDrop }),
      ...(capAdd.length === 0 ? {} : { addCapabilities: capAdd }),
      ...(init ? { init: true } : {}),
      ...(logging === undefined ? {} : { log: logging }),
    },
  };
}

function resolveMount(mount: Service['container']['volumes'][number]): ResolvedMount {
  const { target } = mount;
  switch (mount.type) {
    case 'volume':
      return { kind: 'volume', volume: mount.source, target, readOnly: mount.readOnly };
    case 'bind':
      return { kind: 'folder', folder: mount.source, target, readOnly: mount.readOnly };
    case 'tmpfs':
      return { kind: 'memory', target, sizeBytes: bytesOf(mount.size) };
  }
}

const factors: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** As Docker reads `512m`. */
function bytesOf(amount: string): number {
  const unit = /[kmg]/i.exec(amount)?.[0].toLowerCase() ?? '';
  return Math.round(Number.parseFloat(amount) * (factors[unit] ?? 1));
}
