import fc from 'fast-check';
import { expect, it } from 'vitest';

import { readScript } from './shell-commands.ts';

it.each<[string, readonly (readonly string[])[]]>([
  ['a b && c || d; e & f\ng', [['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
  ['A=1 B="2 3" a', [['a']]],
  ['if ! a; then { b; }; else c; fi', [['a'], ['b'], ['c']]],
  ['while a; do (b; c); done', [['a'], ['b'], ['c']]],
  ['a "$(b c)" `d`', [['b', 'c'], ['d'], ['a', '$(b c)', '`d`']]],
  ['a 2>&1 >b', [['a', '2>&1', '>b']]],
  ['a # b; c\nd', [['a'], ['d']]],
  ["a 'it'\\''s' \"q\\\"q\" \\\n b", [['a', "it's", 'q"q', 'b']]],
  ['', []],
])('reads the commands of %j', (script, commands) => {
  expect(readScript(script).commands).toEqual(commands);
});

it('reads back what was quoted, whatever it is', () => {
  const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.constantFrom(' ', '\t', ' \\\n'), (args, space) => {
      const quoted = args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`);
      const { commands, hasPipe } = readScript(['run', ...quoted].join(space));
      expect(commands).toEqual([['run', ...args]]);
      expect(hasPipe).toBe(false);
    }),
  );
});

it('comes to an end, whatever is left open', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('$(', '`', '"', "'", '\\', ')', '|', '&', ' ', 'a', '\n', '#')), (pieces) => {
      expect(readScript(pieces.join('')).commands.flat().join('').length).toBeLessThan(pieces.length * 40 + 1);
    }),
  );
});
