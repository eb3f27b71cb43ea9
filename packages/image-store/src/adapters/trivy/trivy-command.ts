import type { Redacted } from '@maestro/core';

export interface TrivyQuestion {
  /** `registry.example.com/team/shop-api@sha256:…` */
  readonly reference: string;
  /** A server that holds the database: `http://trivy.example.com:4954`. */
  readonly server: string | undefined;
  readonly deadlineMs: number;
}

export interface TrivyLogin {
  readonly username: string;
  readonly password: Redacted;
}

/** Settings of Trivy's that say where things are. Others leave findings out, and that is for the policy alone. */
const passedOn = new Set([
  'TRIVY_CACHE_BACKEND',
  'TRIVY_CACHE_DIR',
  'TRIVY_CUSTOM_HEADERS',
  'TRIVY_DB_REPOSITORY',
  'TRIVY_INSECURE',
  'TRIVY_JAVA_DB_REPOSITORY',
  'TRIVY_NON_SSL',
  'TRIVY_OFFLINE_SCAN',
  'TRIVY_SKIP_DB_UPDATE',
  'TRIVY_SKIP_JAVA_DB_UPDATE',
  'TRIVY_TOKEN',
  'TRIVY_TOKEN_HEADER',
]);

/** The arguments of https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/; nothing secret. */
export function trivyArguments({ reference, server, deadlineMs }: TrivyQuestion): readonly string[] {
  const remote = server === undefined ? [] : ['--server', server];
  const output = ['--format', 'json', '--quiet', '--exit-code', '0'];
  // An engine on this machine may hold something else under the name.
  const scope = ['--scanners', 'vuln', '--image-src', 'remote', '--timeout', `${deadlineMs}ms`];
  return ['image', ...output, ...scope, ...remote, reference];
}

/** The environment to run it in: the login is not seen in the list of processes. */
export function trivyEnvironment(
  inherited: NodeJS.ProcessEnv,
  login: TrivyLogin | undefined,
): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(inherited).filter(([name]) => !name.startsWith('TRIVY_') || passedOn.has(name));
  const secret = login === undefined ? {} : { TRIVY_USERNAME: login.username, TRIVY_PASSWORD: login.password.reveal() };
  return { ...Object.fromEntries(kept), ...secret };
}

/** Whether Trivy would take a name or password for several, because it splits them at commas and spaces. */
export function isSplitByTrivy({ username, password }: TrivyLogin): boolean {
  return /[\s,]/.test(username) || /[\s,]/.test(password.reveal());
}
