import { join } from 'node:path';

import { expect, it } from 'vitest';

import { loadCommandLine } from '../command-line.ts';
import { checkCommands } from './check-commands.ts';

const commandLine = await loadCommandLine(join(import.meta.dirname, '..', '..', '..', '..'));
const known = { commandLine, scripts: new Set(['test', 'docs', 'maestro']) };

it('compares commands with what there is', () => {
  const text = [
    'maestro deploy -e production --canary 10,50',
    'npx maestro status -e production',
    'npm run maestro -- history -e demo',
    'npm test',
    'maestro --help',
    'kubectl apply',
  ].join('\n');
  expect(checkCommands(text, known)).toEqual({ checked: 5, others: ['kubectl'], flaws: [] });
});

it.each([
  ['maestro launch -e demo', /unknown command/],
  ['maestro deploy --force -e demo', /unknown option '--force'/],
  ['maestro images tag api -e demo', /missing required argument/],
  ['maestro completion tcsh', /Allowed choices/],
  ['npm run nothing', /no script nothing/],
  ['npm run maestro -- launch', /unknown command/],
])('finds what is wrong with %s', (text, message) => {
  expect(checkCommands(`echo\n${text}`, known).flaws).toMatchObject([
    { line: 1, message: expect.stringMatching(message) as string },
  ]);
});
