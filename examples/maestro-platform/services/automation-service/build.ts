// node build.ts
// Makes dist/*.js of src/*.ts: what Node would do at each start, done once, so that the image holds plain JavaScript.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, join } from 'node:path';

const sources = join(import.meta.dirname, 'src');
const output = join(import.meta.dirname, 'dist');

rmSync(output, { recursive: true, force: true });
mkdirSync(output);
for (const file of readdirSync(sources)) {
  const text = stripTypeScriptTypes(readFileSync(join(sources, file), 'utf8'));
  writeFileSync(join(output, `${basename(file, '.ts')}.js`), text.replace(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
