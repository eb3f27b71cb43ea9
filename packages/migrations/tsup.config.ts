import { library } from '../../tsup.preset.ts';

export default library([
  'src/index.ts',
  'src/lint.ts',
  'src/sqlite.ts',
  'src/postgresql.ts',
  'src/mysql.ts',
  'src/testing.ts',
]);
