import { library } from '../../tsup.preset.ts';

export default library([
  'src/index.ts',
  'src/docker.ts',
  'src/embedded.ts',
  'src/embedded/daemon.ts',
  'src/nginx.ts',
  'src/prometheus.ts',
  'src/testing.ts',
]);
