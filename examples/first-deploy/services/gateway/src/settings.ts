export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Where template-service answers; stays the same whichever version of it is live. */
  readonly templateServiceUrl: URL;
  readonly apiToken: string;
  readonly identity: Identity;
}

/** Which version answers. */
export interface Identity {
  readonly service: string;
  readonly revision: string;
  readonly release: string;
  readonly slot: string;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: Number(required(env, 'PORT')),
    templateServiceUrl: new URL(required(env, 'TEMPLATE_SERVICE_URL')),
    apiToken: required(env, 'API_TOKEN'),
    identity: {
      service: 'gateway',
      revision: env.MAESTRO_REVISION ?? 'unknown',
      release: env.MAESTRO_RELEASE ?? 'none',
      slot: env.MAESTRO_SLOT ?? 'none',
    },
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set`);
  return value;
}
