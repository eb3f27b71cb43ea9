import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';

export function open({ region, endpoint }) {
  const provider = new SecretsProvider({ clientConfig: { region, endpoint } });
  return { get: (name) => provider.get(name, { maxAge: 3600 }), textOf: (value) => value };
}
