import { expect, it } from 'vitest';

import { readPackage } from './read-package.ts';

it.each([
  [{ scripts: { start: 'node server.mjs' } }, ['node', 'server.mjs'], null],
  [
    { scripts: { start: 'node --enable-source-maps dist/main.js' } },
    ['node', '--enable-source-maps', 'dist/main.js'],
    null,
  ],
  [{ scripts: { start: 'PORT=4000 node server.js' } }, ['npm', 'start'], 4000],
  [{ scripts: { start: 'next start' } }, ['npm', 'start'], null],
  [{ scripts: { start: "node -e 'a b'" } }, ['npm', 'start'], null],
  [{ scripts: { build: 'tsc' } }, null, null],
  [{ scripts: { start: 3 } }, null, null],
  [{ main: 'index.js' }, null, null],
])('finds in %j what starts it', (contents, command, port) => {
  expect(readPackage(JSON.stringify(contents))).toMatchObject({ command, port });
});

it('knows its name without the scope, and what it depends on', () => {
  const contents = { name: '@shop/api', dependencies: { pg: '^8.0.0' }, devDependencies: { vitest: '*' } };
  expect(readPackage(JSON.stringify(contents))).toMatchObject({ name: 'api', dependencies: ['pg'] });
});

it('takes what is no JSON for no package', () => {
  expect(readPackage('{')).toBeUndefined();
  expect(readPackage('[]')).toBeUndefined();
});
