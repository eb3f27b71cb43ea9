import { library } from '../../tsup.preset.ts';

export default library([
  'src/index.ts',
  'src/buildx.ts',
  'src/docker.ts',
  'src/ecr.ts',
  'src/embedded.ts',
  'src/oci.ts',
  'src/testing.ts',
  'src/trivy.ts',
]);
