import type { OwnPart } from '../part.ts';
import { programVersion } from './program-version.ts';

/** Not Maestro's code and not the engine's: the judge of digests, layouts and tags. */
export interface SkopeoSuite extends AsyncDisposable {
  readonly program: string;
}

export const skopeo: OwnPart<SkopeoSuite> = {
  kind: 'own',
  name: 'skopeo',
  title: 'skopeo',
  variable: 'MAESTRO_TEST_SKOPEO',
  programs: [{ name: 'skopeo' }],
  version: ({ skopeo: program = '' }) => programVersion(program, ['--version']),
  debianPackages: ['skopeo'],
  elsewhere: 'brew install skopeo, or dnf install skopeo',
  openSuite: ({ programs: { skopeo: program = '' } }) =>
    Promise.resolve({ program, [Symbol.asyncDispose]: () => Promise.resolve() }),
};
