import type { OwnPart } from '../part.ts';
import { programVersion } from './program-version.ts';

/** How containers are replaced where nothing is done about it. Its engine is the one that DOCKER_HOST names. */
export interface DockerComposeSuite extends AsyncDisposable {
  readonly program: string;
}

export const dockerCompose: OwnPart<DockerComposeSuite> = {
  kind: 'own',
  name: 'docker-compose',
  title: 'Docker Compose',
  variable: 'MAESTRO_TEST_DOCKER_COMPOSE',
  programs: [{ name: 'docker-compose' }],
  version: ({ 'docker-compose': program = '' }) => programVersion(program, ['--version']),
  debianPackages: ['docker-compose'],
  elsewhere: 'install Docker Compose as docker-compose on the PATH (brew install docker-compose)',
  openSuite: ({ programs: { 'docker-compose': program = '' } }) =>
    Promise.resolve({ program, [Symbol.asyncDispose]: () => Promise.resolve() }),
};
