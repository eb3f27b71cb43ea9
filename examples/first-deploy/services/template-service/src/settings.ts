export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly databasePath: string;
  readonly apiToken: string;
  readonly bodyLimitBytes: number;
  readonly identity: Identity;
}

/** Which version answers. */
interface Identity {
  readonly service: string;
  readonly revision: string;
  readonly release: string;
  readonly slot: string;
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: wholeNumber(env, 'PORT'),
    databasePath: required(env, 'DATABASE_PATH'),
    apiToken: required(env, 'API_TOKEN'),
    bodyLimitBytes: wholeNumber(env, 'BODY_LIMIT_BYTES'),
    identity: {
      service: 'template-service',
      revision: env.MAESTRO_REVISION ?? 'unknown',
      release: env.MAESTRO_RELEASE ?? 'none',
      slot: env.MAESTRO_SLOT ?? 'none',
    },
  };
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string): number {
  const text = required(env, name);
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number`);
  return Number(text);
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set`);
  return value;
}
