export { type ContainerSecretsOptions, openContainerSecrets } from './adapters/docker/docker-container-secrets.ts';
export {
  type ContainerSecrets,
  type InjectSecretsOptions,
  type ListedSecrets,
  type ReinjectSecretsOptions,
  type SecretsMount,
  type SecretsPlace,
  type SecretsVerdict,
  type VerifySecretsOptions,
} from './containers/container-secrets.ts';
export { type ContainerSecretsEvent } from './containers/events.ts';
export { type PlainEnvironmentOptions, revealAsPlainEnvironment } from './containers/plain-environment.ts';
export { type ContainerSecretValues } from './containers/secret-files.ts';
export { secretsEntrypoint } from './containers/secrets-entrypoint.ts';
export { type Owner } from './containers/tar-archive.ts';
