export { type CredentialQuestion, type Credentials, type CredentialSource } from './adapters/oci/credentials.ts';
export { dockerCredentials, type DockerCredentialsOptions } from './adapters/oci/docker-credentials.ts';
export { openOciImageContent } from './adapters/oci/oci-image-content.ts';
export { openOciImageClaims } from './adapters/oci/oci-image-claims.ts';
export { openOciImageStore, type OciImageStoreOptions } from './adapters/oci/oci-image-store.ts';
export {
  openOciReleaseHistory,
  type OciReleaseHistory,
  type OciReleaseHistoryOptions,
} from './adapters/oci/oci-release-history.ts';
export { observeRegistry, type RegistryFacts } from './adapters/oci/observe-registry.ts';
export { type OciRegistryOptions } from './adapters/oci/open-registry.ts';
export { type OciReleaseOptions } from './adapters/oci/release-repository.ts';
