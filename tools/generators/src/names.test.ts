import fc from 'fast-check';
import { expect, it } from 'vitest';

import { namesOf, suggestion } from './names.ts';

it('spells a name as code needs it', () => {
  expect(namesOf('package', 'audit-log')).toEqual({
    kebab: 'audit-log',
    pascal: 'AuditLog',
    camel: 'auditLog',
    constant: 'AUDIT_LOG',
    words: 'audit log',
  });
});

it.each([
  ['AuditLog', 'package "AuditLog": expected kebab-case', 'such as audit-log'],
  ['audit_log', 'package "audit_log": expected kebab-case', 'such as audit-log'],
  ['2fa', 'package "2fa": expected kebab-case', 'such as fa'],
  ['audit--log', 'package "audit--log": expected kebab-case', 'such as audit-log'],
  ['../core', 'package "../core": expected kebab-case', 'such as core'],
  ['', 'package "": expected kebab-case', 'such as audit-log'],
  ['@maestro/audit-log', 'package "@maestro/audit-log": leave the scope out', 'such as audit-log'],
  ['audit-utils', 'package "audit-utils": "utils" says nothing', 'name it after what it does'],
])('refuses %j and says what would do', (given, problem, instead) => {
  expect(() => namesOf('package', given)).toThrow(problem);
  expect(() => namesOf('package', given)).toThrow(instead);
});

it('suggests only what is kebab-case itself', () => {
  fc.assert(
    fc.property(fc.string(), (given) => {
      expect(suggestion(given)).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    }),
  );
});
