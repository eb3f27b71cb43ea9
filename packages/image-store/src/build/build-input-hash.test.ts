import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { SourceFile } from '../source/image-source.ts';
import { type BuildInput, buildInputHash } from './build-input-hash.ts';

const text = fc.string({ maxLength: 8 });
const texts = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });
const files = fc.uniqueArray(
  fc.record({
    path: text,
    mode: fc.constantFrom<SourceFile['mode']>(0o644, 0o755, 'symlink'),
    object: fc.stringMatching(/^[0-9a-f]{40}$/),
  }),
  { selector: ({ path }) => path, maxLength: 4 },
);
const inputs: fc.Arbitrary<BuildInput> = fc.record({
  files,
  dockerfile: text,
  target: fc.option(text, { nil: undefined }),
  args: texts,
  labels: texts,
  platform: fc.constantFrom('linux/amd64', 'linux/arm64'),
  bases: fc.array(fc.record({ reference: text, platform: fc.option(text, { nil: undefined }), identity: text }), {
    maxLength: 3,
  }),
});

it('is the same in whatever order arguments, labels and bases come', () => {
  const reversed = (record: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(record).reverse());
  fc.assert(
    fc.property(inputs, (input) => {
      const { args, labels, bases } = input;
      const other = { ...input, args: reversed(args), labels: reversed(labels), bases: bases.toReversed() };
      expect(buildInputHash(other)).toBe(buildInputHash(input));
    }),
  );
});

it('is another one for any other input', () => {
  const canonical = (input: BuildInput) =>
    JSON.stringify({
      ...input,
      target: input.target ?? null,
      args: Object.entries(input.args)
        .map((entry) => JSON.stringify(entry))
        .sort(),
      labels: Object.entries(input.labels)
        .map((entry) => JSON.stringify(entry))
        .sort(),
      bases: input.bases.map((base) => JSON.stringify([base.reference, base.platform ?? '', base.identity])).sort(),
    });
  fc.assert(
    fc.property(
      inputs,
      inputs,
      fc.constantFrom<keyof BuildInput>('files', 'dockerfile', 'target', 'args', 'labels', 'platform', 'bases'),
      (input, other, part) => {
        const changed = { ...input, [part]: other[part] };
        expect(buildInputHash(changed) === buildInputHash(input)).toBe(canonical(changed) === canonical(input));
      },
    ),
  );
});

it('does not take what ends one part for the beginning of the next', () => {
  const input: BuildInput = {
    files: [],
    dockerfile: 'FROM a',
    target: undefined,
    args: { a: 'b' },
    labels: {},
    platform: 'linux/amd64',
    bases: [],
  };
  const others: readonly BuildInput[] = [
    { ...input, args: {}, labels: { a: 'b' } },
    { ...input, target: '', args: { a: 'b' } },
    { ...input, args: { 'a1:b': '' } },
    { ...input, dockerfile: 'FROM a1:0' },
  ];
  expect(new Set([input, ...others].map(buildInputHash)).size).toBe(others.length + 1);
});

it('stays what it is: a change makes every image be built again', () => {
  const hash = buildInputHash({
    files: [{ path: 'ü/main.js', mode: 0o644, object: 'a'.repeat(40) }],
    dockerfile: 'FROM node:24\r\n',
    target: 'run',
    args: { B: '2', A: '1' },
    labels: { team: 'shop' },
    platform: 'linux/amd64',
    bases: [{ reference: 'node:24', platform: undefined, identity: `sha256:${'0'.repeat(64)}` }],
  });
  expect(hash).toBe('sha256:9f83d1ef14fb6cd6dc9b0585e4029235e5e8472ed2b85b803472ac7a91744065');
});
