import { library } from '../../tsup.preset.ts';

export default library([
  'src/index.ts',
  'src/aws.ts',
  'src/docker.ts',
  'src/dotenv.ts',
  'src/mysql.ts',
  'src/postgresql.ts',
  'src/testing.ts',
]);
