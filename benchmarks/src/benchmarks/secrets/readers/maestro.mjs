import { openSecrets } from '@maestro/secrets';
import { awsStore } from '@maestro/secrets/aws';

export function open({ region, endpoint }) {
  const secrets = openSecrets({ store: awsStore({ regions: [region], endpoint }) });
  return { get: (name) => secrets.get(name), textOf: (value) => value.reveal() };
}
