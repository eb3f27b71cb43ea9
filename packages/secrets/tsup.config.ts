import { library } from '../../tsup.preset.ts';

// An entry is one file: of many small ones each costs every process that loads it about a millisecond.
export default {
  ...library([
    'src/index.ts',
    'src/aws.ts',
    'src/docker.ts',
    'src/dotenv.ts',
    'src/mysql.ts',
    'src/postgresql.ts',
    'src/testing.ts',
  ]),
  splitting: false,
};
