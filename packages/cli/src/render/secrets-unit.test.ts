import { expect, it } from 'vitest';

import { secretsUnit } from './secrets-unit.ts';

it('quotes what systemd would take for something else', () => {
  const { name, text } = secretsUnit({
    project: 'shop',
    environment: 'production',
    file: '/srv/my shop 100%/$x/maestro.config.ts',
    program: ['/opt/node 24/bin/node', '--conditions=@maestro/source', '/a"b\\c'],
    user: 'deploy',
  });
  expect(name).toBe('maestro-secrets-shop-production.service');
  expect(text).toContain('\nWorkingDirectory=/srv/my shop 100%%/$x\n');
  expect(text).toContain(
    '\nExecStart="/opt/node 24/bin/node" --conditions=@maestro/source "/a\\"b\\\\c" secrets inject --emptied ' +
      '-c "/srv/my shop 100%%/$$x/maestro.config.ts" -e production --timeout 5m\n',
  );
});

it('has every setting on a line of its own, and comments on theirs', () => {
  const options = { project: 'shop', environment: 'production', file: '/s/c.ts', program: ['/n', '/m'], user: 'root' };
  const lines = secretsUnit(options).text.split('\n');
  expect(lines.filter((line) => !/^(?:#.*|\[\w+\]|[A-Z]\w+=\S.*|)$/.test(line))).toEqual([]);
});
