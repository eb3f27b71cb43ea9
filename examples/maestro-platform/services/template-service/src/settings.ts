export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly databasePath: string;
  readonly apiToken: string;
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
    databasePath: required(env, 'DATABASE_PATH'),
    apiToken: required(env, 'API_TOKEN'),
    identity: {
      service: 'template-service',
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
