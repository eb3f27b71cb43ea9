export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly templateServiceUrl: URL;
  readonly qualityFabricUrl: URL;
  readonly executionServiceUrl: URL;
  /** Shown to k8s-execution-service, which runs jobs for nobody else. */
  readonly executionToken: string;
  readonly identity: Identity;
}

/** Which version answers. */
interface Identity {
  readonly service: string;
  readonly revision: string;
  readonly slot: string;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: Number(required(env, 'PORT')),
    templateServiceUrl: new URL(required(env, 'TEMPLATE_SERVICE_URL')),
    qualityFabricUrl: new URL(required(env, 'QUALITY_FABRIC_URL')),
    executionServiceUrl: new URL(required(env, 'K8S_EXECUTION_SERVICE_URL')),
    executionToken: required(env, 'EXECUTION_TOKEN'),
    identity: {
      service: 'automation-service',
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
