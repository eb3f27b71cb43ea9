import { library } from '../../tsup.preset.ts';

export default library(['src/index.ts', 'src/exclusive-hold.ts', 'src/testing.ts']);
