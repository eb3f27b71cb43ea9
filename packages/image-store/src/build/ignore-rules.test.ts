import { isMaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { parseIgnoreRules } from './ignore-rules.ts';

const rules = (text: string) => parseIgnoreRules({ text, file: 'api/.dockerignore' });

describe('a rule', () => {
  it.each([
    ['node_modules', ['node_modules', 'node_modules/a/b.js'], ['api/node_modules', 'node_modules2']],
    ['node_modules/', ['node_modules/a'], ['a/node_modules/b']],
    ['/dist', ['dist', 'dist/main.js'], ['api/dist']],
    ['./dist/../out', ['out/a'], ['dist/a']],
    ['*.md', ['README.md'], ['docs/README.md', 'README.mdx']],
    ['*/temp*', ['a/temporary.txt', 'a/temp/x'], ['temp', 'a/b/temp']],
    ['*/*/temp*', ['a/b/temporary.txt'], ['a/temp']],
    ['temp?', ['tempa', 'tempa/x'], ['temp', 'tempab', 'temp/']],
    ['**/*.go', ['main.go', 'a/b/c.go'], ['main.gob']],
    ['**/node_modules', ['node_modules/x', 'a/b/node_modules/x'], ['a/my_node_modules/x']],
    ['docs/**', ['docs/a', 'docs/a/b'], ['docs', 'adocs/a']],
    ['a/**/z', ['a/z', 'a/b/c/z', 'a/b/z/more'], ['a/b/c', 'z']],
    ['**', ['anything', 'a/b'], []],
    ['foo[12].txt', ['foo1.txt'], ['foo3.txt']],
    ['foo[^12].txt', ['foo3.txt'], ['foo1.txt']],
    ['\\*.txt', ['*.txt'], ['a.txt']],
    ['\\!important', ['!important'], ['important']],
    ['copy (1)+{a}|b^$.txt', ['copy (1)+{a}|b^$.txt'], ['copy 1a']],
    ['Makefile', ['Makefile'], ['makefile']],
    ['constructor', ['constructor', 'constructor/x'], ['toString']],
    ['  spaced  ', ['spaced'], []],
    ['# a comment\n#node_modules', [], ['node_modules', '# a comment', '#node_modules']],
    [' # no comment', ['# no comment'], ['no comment']],
    ['\uFEFFfirst\r\nsecond\r\n', ['first', 'second'], ['third']],
    ['', [], ['a']],
  ])('%j', (text, ignored, kept) => {
    const matches = rules(text);
    expect(ignored.filter((path) => !matches(path))).toEqual([]);
    expect(kept.filter((path) => matches(path))).toEqual([]);
  });
});

describe('an exception', () => {
  it.each([
    ['*.md\n!README.md', 'README.md', false],
    ['*.md\n!README*.md\nREADME-secret.md', 'README-secret.md', true],
    ['*.md\nREADME-secret.md\n!README*.md', 'README-secret.md', false],
    ['dir\n!dir/keep', 'dir/keep', false],
    ['dir\n!dir/keep', 'dir/keep/inside', false],
    ['dir\n!dir/keep', 'dir/other', true],
    ['**\n!src', 'src/main.js', false],
    ['! src\n*', 'src/main.js', true],
  ])('%j on %s', (text, path, ignored) => {
    expect(rules(text)(path)).toBe(ignored);
  });
});

it.each(['ok\n[a', 'ok\na\\', 'ok\n!', 'ok\n[]a', 'ok\n[z-a]'])('refuses %j and says where', (text) => {
  expect(() => rules(text)).toThrow(
    expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_DOCKERFILE_INVALID')),
  );
  expect(() => rules(text)).toThrow('api/.dockerignore:2: ');
});
