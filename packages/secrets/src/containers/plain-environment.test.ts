import { Redacted } from '@maestro/core';
import { ManualClock, RecordingLogger } from '@maestro/core/testing';
import { expect, it } from 'vitest';

import { revealAsPlainEnvironment } from './plain-environment.ts';

it('gives values out, and warns with names only', () => {
  const events: unknown[] = [];
  const logger = new RecordingLogger();
  const environment = revealAsPlainEnvironment({
    service: 'api',
    secrets: { TOKEN: new Redacted('canary') },
    accept: 'secrets-on-disk-and-in-docker-inspect',
    onEvent: (event) => events.push(event),
    logger,
    clock: new ManualClock(),
  });
  expect(environment).toEqual({ TOKEN: 'canary' });
  const at = '2026-01-01T00:00:00.000Z';
  expect(events).toEqual([{ type: 'secrets-in-plain-environment', service: 'api', names: ['TOKEN'], at }]);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { service: 'api', names: ['TOKEN'] } }]);
  expect(JSON.stringify(logger.lines)).not.toContain('canary');
});
