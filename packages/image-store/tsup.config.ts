import { library } from '../../tsup.preset.ts';

export default library(['src/index.ts', 'src/embedded.ts', 'src/oci.ts', 'src/testing.ts']);
