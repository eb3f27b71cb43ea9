import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { defaultDirectives, readModuleDirectives, readSqlDirectives } from './directives.ts';

const read = (sql: string) => readSqlDirectives(sql, 'postgresql');

describe('readSqlDirectives', () => {
  it('has defaults', () => {
    expect(read('SELECT 1;')).toEqual({ directives: defaultDirectives, problems: [] });
    expect(defaultDirectives).toMatchObject({ phase: 'expand', transaction: true });
  });

  it('reads the comment lines in front of the first statement', () => {
    const sql = `-- Adds what the next version needs.
      -- phase: contract
      /* more
         of it */
      --transaction : off
      -- lock-timeout: 500ms
      -- statement-timeout: 2 min
      -- irreversible: the mails were sent; nobody can take them back
      DROP TABLE a;`;
    expect(read(sql)).toEqual({
      directives: {
        phase: 'contract',
        transaction: false,
        lockTimeoutMs: 500,
        statementTimeoutMs: 120_000,
        irreversible: 'the mails were sent; nobody can take them back',
      },
      problems: [],
    });
  });

  it.each([
    ['-- phase: contrat', "'phase' cannot be 'contrat', expected 'expand' or 'contract'"],
    ['-- phase:', "'phase' cannot be '', expected 'expand' or 'contract'"],
    ['-- transaction: no', "'transaction' cannot be 'no', expected 'on' or 'off'"],
    ['-- lock-timeout: 2', "'lock-timeout' cannot be '2', expected a time such as '500ms' or '2s'"],
    ['-- lock-timeout: 0s', "'lock-timeout' cannot be '0s'"],
    ['-- statement-timeout: -1s', "'statement-timeout' cannot be '-1s'"],
    ['-- irreversible:', "'irreversible' cannot be '', expected the reason"],
    ['-- phse: expand', "there is no 'phse', did you mean 'phase'?"],
    ['-- Phase: contract', "there is no 'Phase', did you mean 'phase'?"],
    ['-- trans: off', "there is no 'trans', did you mean 'transaction'?"],
    ['-- lock_timeout: 2s', "there is no 'lock_timeout', did you mean 'lock-timeout'?"],
    ['-- phase: expand\n-- phase: expand', "'phase' is there twice"],
  ])('refuses %j', (header, message) => {
    const { problems } = read(`\n${header}\nSELECT 1;`);
    expect(problems).toEqual([
      { line: header.split('\n').length + 1, message: expect.stringContaining(message) as string },
    ]);
  });

  it.each([
    '-- author: Anna',
    '-- note: this is the first',
    '-- TODO: see #12',
    '-- see https://example.com',
    '-- 12:30',
  ])('takes %j for a comment', (line) => {
    expect(read(`${line}\nSELECT 1;`).problems).toEqual([]);
  });

  it('refuses one after the first statement, and reads none in a text or behind code', () => {
    expect(read('SELECT 1;\n-- phase: contract\nSELECT 2;').problems).toEqual([
      { line: 2, message: "'phase' must stand before the first statement" },
    ]);
    expect(read("SELECT '\n-- phase: contract\n'; -- phase: contract").problems).toEqual([]);
    expect(read('SELECT $$\n-- phase: contract\n$$').problems).toEqual([]);
  });

  it('knows the comments of each database', () => {
    expect(readSqlDirectives('# a\n-- phase: contract\nSELECT 1', 'mysql').directives.phase).toBe('contract');
    expect(readSqlDirectives('/* a /* b */ */\n-- phase: contract\nSELECT 1', 'postgresql').directives.phase).toBe(
      'contract',
    );
  });

  it('never throws, whatever it reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('mysql', 'postgresql', 'sqlite'), (sql, dialect) => {
        expect(readSqlDirectives(sql, dialect).directives.phase).toMatch(/^(expand|contract)$/);
      }),
    );
  });
});

describe('readModuleDirectives', () => {
  it('reads exported literals without running anything', () => {
    const source = `import type { MigrationContext } from '@maestro/migrations';
export const phase = 'contract' as const;
export const transaction: boolean = false; // for the index
export const lockTimeoutMs = 1_500;
export const statementTimeoutMs = 60000
export const irreversible = "it's gone";
export const up = async ({ db }: MigrationContext) => {};`;
    expect(readModuleDirectives(source)).toEqual({
      directives: {
        phase: 'contract',
        transaction: false,
        lockTimeoutMs: 1500,
        statementTimeoutMs: 60_000,
        irreversible: "it's gone",
      },
      problems: [],
    });
  });

  it.each([
    ["export const phase = 'contrat';", "'phase' cannot be ''contrat'', expected 'expand' or 'contract'"],
    ["export const transaction = 'off';", 'expected true or false'],
    ["export const lockTimeoutMs = '2s';", 'expected a number of milliseconds'],
    ['export const phases = 1;', "there is no 'phases', did you mean 'phase'?"],
    ['export const lockTimeout = 1;', "there is no 'lockTimeout', did you mean 'lockTimeoutMs'?"],
  ])('refuses %j', (line, message) => {
    expect(readModuleDirectives(`// a\n${line}`).problems).toEqual([
      { line: 2, message: expect.stringContaining(message) as string },
    ]);
  });
});
