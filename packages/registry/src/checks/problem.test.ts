import { expect, it } from 'vitest';

import { formatPath } from './problem.ts';

it.each([
  [[], ''],
  [['services', 'api', 'health', 'path'], 'services.api.health.path'],
  [['services', 'api', 'command', 0], 'services.api.command[0]'],
  [['services', 'my api', 'context'], 'services["my api"].context'],
  [['services', ''], 'services[""]'],
])('prints %j as %s', (path, text) => {
  expect(formatPath(path)).toBe(text);
});
