export interface Settings {
  readonly port: number;
  readonly source: Source;
  /** Between two looks for new versions, on average. */
  readonly watchIntervalMs: number;
}

/** Where its secrets are: in a file for development, in AWS Secrets Manager else. */
export type Source =
  | { readonly kind: 'dotenv'; readonly file: string; readonly fingerprintKeyFile: string }
  | { readonly kind: 'aws'; readonly region: string; readonly prefix: string; readonly endpoint: string | undefined };

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    port: Number(env.PORT ?? '8090'),
    source: sourceIn(env),
    watchIntervalMs: Number(env.WATCH_INTERVAL_MS ?? '60000'),
  };
}

function sourceIn(env: NodeJS.ProcessEnv): Source {
  const { SECRETS_FILE: file, SECRETS_PREFIX: prefix, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint } = env;
  if (file !== undefined) return { kind: 'dotenv', file, fingerprintKeyFile: `${file}.fingerprint-key` };
  if (region === undefined || prefix === undefined) {
    throw new Error('set SECRETS_FILE, or AWS_REGION and SECRETS_PREFIX');
  }
  return { kind: 'aws', region, prefix, endpoint };
}
