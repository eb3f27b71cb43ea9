export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Shown to template-service, which takes new templates from nobody else. */
  readonly apiToken: string;
  readonly upstreams: readonly Upstream[];
  readonly identity: Identity;
}

/** A service that requests are led to; its address stays the same whichever version of it is live. */
export interface Upstream {
  readonly service: string;
  /** First part of the paths that lead there. */
  readonly path: string;
  readonly url: URL;
}

/** Which version answers. */
export interface Identity {
  readonly service: string;
  readonly revision: string;
  readonly slot: string;
}

const paths = {
  'template-service': 'templates',
  'automation-service': 'runs',
  'quality-fabric': 'checks',
  'k8s-execution-service': 'jobs',
} as const;

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: Number(required(env, 'PORT')),
    apiToken: required(env, 'API_TOKEN'),
    upstreams: Object.entries(paths).map(([service, path]) => ({
      service,
      path,
      url: new URL(required(env, `${service.toUpperCase().replaceAll('-', '_')}_URL`)),
    })),
    identity: {
      service: 'gateway',
      revision: env.MAESTRO_REVISION ?? 'unknown',
      slot: env.MAESTRO_SLOT ?? 'none',
    },
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set`);
  return value;
}
