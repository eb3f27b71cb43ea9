import type { SharedPart } from '../part.ts';
import { accessAt } from './image-repository/registry-client.ts';
import { startSecured } from './image-repository/registry-process.ts';
import {
  askRegistry,
  type ImageRepositorySuite,
  openRegistrySuite,
  removeRegistrySuites,
} from './image-repository/registry-suite.ts';
import { imageRepository } from './image-repository.ts';

/** One that asks for a password and is reached by TLS. */
export interface SecuredImageRepositorySuite extends ImageRepositorySuite {
  readonly username: string;
  readonly password: string;
  /** The path of the PEM file to trust; undefined where the system trusts the certificate anyway. */
  readonly ca: string | undefined;
}

const { programs, version, debianPackages } = imageRepository;

export const securedImageRepository: SharedPart<SecuredImageRepositorySuite> = {
  kind: 'shared',
  name: 'secured-image-repository',
  title: 'image repository with a login',
  variable: 'MAESTRO_TEST_SECURED_IMAGE_REPOSITORY',
  programs,
  version,
  debianPackages,
  elsewhere: 'run registry:2 with REGISTRY_AUTH, REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_STORAGE_DELETE_ENABLED',
  server: { start: startSecured, ask: askRegistry },
  openSuite: (options) => {
    const { login, ca } = accessAt(options.address);
    return Promise.resolve({
      ...openRegistrySuite(options),
      username: login?.username ?? '',
      password: login?.password ?? '',
      ca,
    });
  },
  removeSuites: removeRegistrySuites,
};
