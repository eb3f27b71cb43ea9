export type { Reach } from './adapters/docker/address-book.ts';
export { type DockerEnvironment, type DockerOptions, openDocker } from './adapters/docker/open-docker.ts';
export type { EngineCertificates } from './adapters/docker/engine-address.ts';
export type { FetchImage, WantedImage } from './adapters/docker/engine-images.ts';
export type { ContainerMount, ContainerSettings } from './ports/container-settings.ts';
export type { JobResult, JobRunner, JobSpec } from './ports/job-runner.ts';
export type { MountSecrets, SecretsMount, SecretsRequest } from './ports/secrets-mount.ts';
export { type EngineFacts, observeEngine, type ObserveEngineOptions } from './adapters/docker/observe-engine.ts';
