export { type Credentials, type CredentialSource } from './adapters/oci/credentials.ts';
export { dockerCredentials, type DockerCredentialsOptions } from './adapters/oci/docker-credentials.ts';
export { openOciImageStore, type OciImageStoreOptions } from './adapters/oci/oci-image-store.ts';
