import { expect, it } from 'vitest';

import { readDockerfile } from './read-dockerfile.ts';

it.each([
  ['FROM node\nEXPOSE 3000\nCMD ["node", "server.js"]', ['node', 'server.js'], 3000],
  ['FROM a\nENTRYPOINT ["tini", "--"]\nCMD ["node", "."]\n', ['tini', '--', 'node', '.'], null],
  ['FROM a\nCMD node server.js --port $PORT', ['sh', '-c', 'node server.js --port $PORT'], null],
  ['FROM a\nENV HOST=0.0.0.0 PORT=8000\nCMD ["run"]', ['run'], 8000],
  ['from a\nenv PORT 8000\ncmd ["run"]', ['run'], 8000],
  ['FROM a AS build\nEXPOSE 1\nCMD ["build"]\nFROM b\nEXPOSE 8080/tcp\n', null, 8080],
  ['FROM a\nCMD [ "node", \\\n  "server.js" ]', ['node', 'server.js'], null],
  ['FROM a\nCMD [node]', null, null],
  ['FROM a\nEXPOSE $PORT', null, null],
  ['', null, null],
])('reads %j', (text, command, port) => {
  expect(readDockerfile(text)).toEqual({ command, port });
});
