import aws from 'aws-sdk';
import { SecretsManagerCache } from 'aws-secrets-manager-cache';

export function open({ region, endpoint }) {
  const cache = new SecretsManagerCache({ secretsManager: new aws.SecretsManager({ region, endpoint }) });
  return { get: (name) => cache.getSecret(name), textOf: (value) => value };
}
