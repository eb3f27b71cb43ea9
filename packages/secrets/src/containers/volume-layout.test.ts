import { expect, it } from 'vitest';

import type { SecretFiles } from './secret-files.ts';
import { bytesNeeded, fileVariables, rotation, switchEntries, type VolumeContent } from './volume-layout.ts';

const files = (...names: readonly string[]): SecretFiles => new Map(names.map((name) => [name, Buffer.from(name)]));
const content = (version: string, ...names: readonly string[]): VolumeContent => ({ version, files: files(...names) });

it('writes a version, then the names, then what is to be renamed, and the sign last of all', () => {
  const { version, entries } = rotation(undefined, files('A', 'env'));
  expect(version).toBe('v1');
  expect(entries.map(({ type, path }) => `${type} ${path}`)).toEqual([
    'file v1',
    'folder v1',
    'file v1/A',
    'file v1/env',
    'link A',
    'link env',
    'link ..next',
    'file ..go/now',
  ]);
  expect(entries.at(-1)).toBe(switchEntries[0]);
});

it('goes round three versions, so that two stay as they are', () => {
  expect(rotation(content('v1'), files()).version).toBe('v2');
  expect(rotation(content('v2'), files()).version).toBe('v3');
  expect(rotation(content('v3'), files()).version).toBe('v1');
});

it('leaves names alone that are there', () => {
  const { entries } = rotation(content('v1', 'A', 'env'), files('A', 'B', 'env'));
  expect(entries.filter(({ type }) => type === 'link').map(({ path }) => path)).toEqual(['B', '..next']);
});

it('names files for variables, where the name can be one', () => {
  expect(fileVariables(files('A', 'tls.key', 'env'))).toEqual({ A_FILE: '/run/secrets/A' });
});

it('asks for room for three versions, whatever the size of a page', () => {
  expect(bytesNeeded(files())).toBe(16 * 1024 * 1024);
  const many = new Map(Array.from({ length: 1000 }, (_, at) => [`A${at}`, Buffer.alloc(65_537)] as const));
  expect(bytesNeeded(many)).toBeGreaterThan(3 * 2 * 65_536 * many.size);
});
