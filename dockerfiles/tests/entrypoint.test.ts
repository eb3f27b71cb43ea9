import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { serviceNames } from './platform.ts';

const folder = join(import.meta.dirname, '..');
const script = readFileSync(join(folder, 'secrets-entrypoint.sh'), 'utf8').trimEnd().split('\n');

/** What a Dockerfile has to write it: a line of the script on each, in the quotes that the line does not contain. */
function instruction(): string {
  const [interpreter = '', ...lines] = script;
  const guard = [
    '# Without a volume for secrets there is nothing to wait for.',
    'grep -qs " /run/secrets " /proc/mounts || exec "$@"',
  ];
  const quoted = [interpreter, ...guard, ...lines].map((line) => (line.includes("'") ? `"${line}"` : `'${line}'`));
  const written = quoted.map((line) => `    ${line} \\\n`).join('');
  return `RUN printf '%s\\n' \\\n${written}    > /secrets-entrypoint.sh \\\n && chmod 755 /secrets-entrypoint.sh\n`;
}

it('is in no Dockerfile that the tests leave out', () => {
  const found = globSync('*/Dockerfile', { cwd: folder }).map((file) => dirname(file));
  expect(found.sort()).toEqual(serviceNames.toSorted());
});

it.each(serviceNames)('the Dockerfile of %s writes secrets-entrypoint.sh as it is', (name) => {
  const dockerfile = readFileSync(join(folder, name, 'Dockerfile'), 'utf8');
  const [written] = /^RUN printf [^]*?secrets-entrypoint\.sh\n/m.exec(dockerfile) ?? [];
  expect(written).toBe(instruction());
});
