import { OrchestratorError } from '../errors.ts';

const examples = {
  mysql: 'mysql://user:password@host:3306/database',
  postgresql: 'postgres://user:password@host:5432/database',
} as const;

export function badDatabaseUrl(
  service: string,
  { secret, adapter }: { readonly secret: string; readonly adapter: keyof typeof examples },
): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_BAD_DATABASE_URL',
    `${service}: the secret ${secret} is no address of a database, expected one such as ${examples[adapter]}`,
    {
      hint: `correct the secret ${secret} where the environment's secrets come from; a password is written percent-encoded`,
      details: { service, secret },
    },
  );
}

export function unreadableCertificate(service: string, path: string, reason: string): OrchestratorError {
  return new OrchestratorError(
    'ORCHESTRATOR_UNREADABLE_CERTIFICATE',
    `${service}: the certificate to trust cannot be read: ${reason}`,
    { hint: `correct services.${service}.database.tls.ca in the configuration`, details: { service, path } },
  );
}

export function noDatabase(service: string): OrchestratorError {
  return new OrchestratorError('ORCHESTRATOR_NO_DATABASE', `${service} has no database`, {
    hint: `add services.${service}.database to the configuration, such as { adapter: 'sqlite', file: '${service}.db' }`,
    details: { service },
  });
}
