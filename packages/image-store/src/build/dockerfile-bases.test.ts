import { isMaestroError } from '@maestro/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type BasesQuery, basesOf, replaceBases } from './dockerfile-bases.ts';

const file = 'docker/api.Dockerfile';
const query = (text: string, more: Partial<BasesQuery> = {}): BasesQuery => ({
  text,
  file,
  args: {},
  platform: 'linux/amd64',
  ...more,
});
const references = (text: string, more: Partial<BasesQuery> = {}) =>
  basesOf(query(text, more)).map(({ reference }) => reference);

function expectInvalid(text: string, message: string | RegExp, more: Partial<BasesQuery> = {}) {
  expect(() => basesOf(query(text, more))).toThrow(message);
  expect(() => basesOf(query(text, more))).toThrow(
    expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_DOCKERFILE_INVALID')),
  );
}

describe('the images a build starts from', () => {
  it.each<[string, string, readonly string[]]>([
    ['one image', 'FROM node:24\nRUN true\n', ['node:24']],
    ['no image', 'FROM scratch\nCOPY . /\n', []],
    ['any case and odd spaces', '\n# x\n  from   node  aS  App\nfrom app', ['node']],
    ['a registry with a port', 'FROM registry.test:5000/team/app@sha256:aa', ['registry.test:5000/team/app@sha256:aa']],
    ['stages by name', 'FROM a AS one\nFROM b\nCOPY --from=ONE /x /y', ['a', 'b']],
    ['stages by number', 'FROM a\nFROM b\nCOPY --from=0 /x /y', ['a', 'b']],
    ['an image to copy from', 'FROM a\nCOPY --link --from=tools:1 /x /y', ['a', 'tools:1']],
    [
      'an image to mount',
      'FROM a\nRUN --mount=type=bind,from=tools:1,target=/t --mount=from=b ls',
      ['a', 'tools:1', 'b'],
    ],
    ['a mount of the context', 'FROM a\nRUN --mount=type=bind,target=/t ls', ['a']],
    ['only what the last stage needs', 'FROM a AS unused\nFROM b\n', ['b']],
    ['texts that only look like instructions', 'FROM a\nRUN <<EOF\nFROM b\nEOF\nCOPY <<X /c\nFROM c\nX\n', ['a']],
    ['a number that is no stage', 'FROM a\nCOPY --from=7 /x /y', ['a', '7']],
    ['a name of a stage further down', 'FROM later\nFROM x AS later', ['x']],
    ['lines that go on', 'FROM \\\n  node:24 \\\n  AS app', ['node:24']],
    ['lines ended by CRLF', 'ARG V=1\r\nFROM node:$V\r\n', ['node:1']],
  ])('%s', (_, text, expected) => {
    expect(references(text)).toEqual(expected);
  });

  it('are those of the target, by name or number', () => {
    const text = 'FROM a AS build\nFROM b AS test\nCOPY --from=build x y\nFROM c AS run';
    expect(references(text, { target: 'Build' })).toEqual(['a']);
    expect(references(text, { target: 'test' })).toEqual(['a', 'b']);
    expect(references(text, { target: '2' })).toEqual(['c']);
  });

  it('have the variables of ARG before the first FROM', () => {
    const text = 'ARG V=22\nARG TAG="$V-slim" NAME\nFROM node:${TAG}\nARG V=1\nFROM node:$V-$NAME';
    expect(references(text, { args: { NAME: 'x' } })).toEqual(['node:22-x']);
    expect(references(text, { args: { NAME: 'x', V: '24' }, target: '0' })).toEqual(['node:24-slim']);
  });

  it('have their platforms', () => {
    const text =
      'FROM --platform=$BUILDPLATFORM a AS build\nFROM --platform=linux/$TARGETARCH b\nCOPY --from=build x y';
    expect(basesOf(query(text, { platform: 'linux/arm64' }))).toMatchObject([
      { reference: 'a', platform: undefined },
      { reference: 'b', platform: 'linux/arm64' },
    ]);
    expect(basesOf(query('FROM a\nCOPY --from=b x y'))).toMatchObject([
      { reference: 'a', platform: 'linux/amd64' },
      { reference: 'b', platform: 'linux/amd64' },
    ]);
  });
});

describe('a Dockerfile is refused', () => {
  it('without FROM', () => {
    expectInvalid('# empty\nARG A=1\n', `${file}: expected a FROM instruction`);
    expectInvalid('', `${file}: expected a FROM instruction`);
  });

  it('with a FROM of nothing', () => {
    expectInvalid('FROM a\nFROM\n', `${file}:2: expected FROM to name an image`);
    expectInvalid('ARG A\nFROM ${A:-}\n', `${file}:2: expected FROM to name an image`);
  });

  it('with a variable that has no value, and says which', () => {
    expectInvalid('FROM a\nFROM node:$V\n', `${file}:2: expected a value for each variable of node:$V`);
    expectInvalid('ARG V\nFROM node:$V\n', 'nothing gives V a value');
    // Arguments that no ARG declares are none.
    expectInvalid('FROM node:$V\n', 'nothing gives V a value', { args: { V: '1' } });
    expectInvalid('FROM a\nCOPY --from=$V x y\n', `${file}:2: expected the name of an image or stage`);
    expectInvalid('FROM a\nRUN --mount=from=$V,target=/x ls\n', `${file}:2: expected the name of an image or stage`);
  });

  it('for a target it does not have, with the nearest name', () => {
    const text = 'FROM a AS build\nFROM b AS release';
    expectInvalid(text, `${file}: expected a stage named relaese: it has build, release`, { target: 'relaese' });
    expect(() => basesOf(query(text, { target: 'relaese' }))).toThrow(
      expect.objectContaining({ hint: 'did you mean release?' }),
    );
    expectInvalid('FROM a', 'it names none', { target: 'x' });
  });
});

describe('replacing images', () => {
  it('changes their names and nothing else', () => {
    const text =
      '# shop-base\r\nARG B=shop-base\r\nFROM --platform=linux/amd64 ${B} AS shop\r\n' +
      'COPY --from=shop-base:1 a b\nRUN --mount=type=bind,from=shop-base,target=/x echo shop-base\n';
    const replaced = replaceBases(
      { text, file },
      basesOf(query(text)).map((use) => ({ ...use, by: 'NEW' })),
    );
    expect(replaced).toBe(
      '# shop-base\r\nARG B=shop-base\r\nFROM --platform=linux/amd64 NEW AS shop\r\n' +
        'COPY --from=NEW a b\nRUN --mount=type=bind,from=NEW,target=/x echo shop-base\n',
    );
  });

  it('refuses a place that names another image for each platform', () => {
    const text = 'FROM shop-base-$TARGETARCH\n';
    const replacements = ['linux/amd64', 'linux/arm64'].flatMap((platform) =>
      basesOf(query(text, { platform })).map((use) => ({ ...use, by: `${use.reference}:input` })),
    );
    expect(() => replaceBases({ text, file }, replacements)).toThrow('not shop-base-amd64 and shop-base-arm64');
    const [one] = replacements;
    expect(replaceBases({ text, file }, one === undefined ? [] : [one, one])).toBe('FROM shop-base-amd64:input\n');
  });

  it('gives back what names them, whatever the text is', () => {
    const name = fc.constantFrom('shop-base', 'shop-base:2', '"shop-base"', 'r.test:5000/a/b');
    const instruction = fc.oneof(
      fc.tuple(fc.constantFrom('FROM ', 'from  ', 'FROM --platform=linux/amd64 '), name).map((parts) => parts.join('')),
      fc.constantFrom('# FROM shop-base', 'RUN echo ü 😀 shop-base', 'ENV A=shop-base \\\n  B=1', ''),
    );
    const texts = fc.array(instruction, { minLength: 1 }).map((lines) => ['FROM first', ...lines].join('\n'));
    fc.assert(
      fc.property(texts, fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const text = lines.replaceAll('\n', end);
        const bases = basesOf(query(text));
        const replaced = replaceBases(
          { text, file },
          bases.map((use) => ({ ...use, by: 'replaced' })),
        );
        expect(basesOf(query(replaced)).map(({ reference }) => reference)).toEqual(bases.map(() => 'replaced'));
        expect(replaced.length).toBe(
          bases.reduce((length, { start, end: stop }) => length - (stop - start) + 'replaced'.length, text.length),
        );
      }),
    );
  });
});
