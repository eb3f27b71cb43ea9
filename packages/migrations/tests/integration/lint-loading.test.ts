import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const program = `
import { createRequire } from 'node:module';
import { lintMigrations } from '@maestro/migrations/lint';

const { cache } = createRequire(import.meta.url);
const isLoaded = () => Object.keys(cache).some((file) => file.includes('libpg-query'));
const loaded = {};
for (const dialect of ['sqlite', 'mysql', 'postgresql']) {
  await lintMigrations({ dialect, files: [{ file: '0001_a.up.sql', text: 'SELECT 1;' }] });
  loaded[dialect] = isLoaded();
}
console.log(JSON.stringify(loaded));
`;

it("loads PostgreSQL's grammar with the first file for PostgreSQL, not before", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@maestro/source', '--input-type=module', '--eval', program],
    { cwd: import.meta.dirname },
  );
  expect(JSON.parse(stdout)).toEqual({ sqlite: false, mysql: false, postgresql: true });
});
