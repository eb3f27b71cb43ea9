export { type EngineCertificates } from './adapters/docker/engine-address.ts';
export { type RepositoriesLocation } from './adapters/docker/engine-names.ts';
export { type DockerEngine, type DockerEngineOptions, openDockerEngine } from './adapters/docker/open-docker-engine.ts';
