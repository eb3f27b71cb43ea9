import type { SharedPart } from '../part.ts';
import { startOpen } from './image-repository/registry-process.ts';
import {
  askRegistry,
  type ImageRepositorySuite,
  openRegistrySuite,
  removeRegistrySuites,
} from './image-repository/registry-suite.ts';
import { programVersion } from './program-version.ts';

export const imageRepository: SharedPart<ImageRepositorySuite> = {
  kind: 'shared',
  name: 'image-repository',
  title: 'image repository',
  variable: 'MAESTRO_TEST_IMAGE_REPOSITORY',
  programs: [{ name: 'docker-registry' }],
  version: ({ 'docker-registry': program = '' }) => programVersion(program, ['--version']),
  debianPackages: ['docker-registry'],
  elsewhere: 'docker run --detach --publish 127.0.0.1:5000:5000 --env REGISTRY_STORAGE_DELETE_ENABLED=true registry:2',
  server: { start: startOpen, ask: askRegistry },
  openSuite: (options) => Promise.resolve(openRegistrySuite(options)),
  removeSuites: removeRegistrySuites,
};
