import { expect, it } from 'vitest';

import { shellCommands } from './shell-commands.ts';

it.each([
  ['a plain one', 'maestro plan -e demo', [['maestro', 'plan', '-e', 'demo']]],
  ['a comment', 'maestro plan # what would happen', [['maestro', 'plan']]],
  ['several', 'cd a && npm test; echo | cat', [['cd', 'a'], ['npm', 'test'], ['echo'], ['cat']]],
  ['quotes', `echo 'a b' "c d" e\\ f`, [['echo', 'a b', 'c d', 'e f']]],
  ['variables before it', 'A=1 B="2 3" maestro status', [['maestro', 'status']]],
  ['redirections', 'maestro metrics >a 2>&1 </dev/null', [['maestro', 'metrics']]],
  ['placeholders', 'maestro exec <service> -- <command>', [['maestro', 'exec', '<service>', '--', '<command>']]],
  ['lines that go on', 'maestro plan \\\n  -e demo', [['maestro', 'plan', '-e', 'demo']]],
  ['a prompt', '$ maestro plan', [['maestro', 'plan']]],
  ['text for a program', 'cat <<END >a\nmaestro nonsense\nEND\nmaestro plan', [['cat'], ['maestro', 'plan']]],
  ['a substitution', 'echo "$(maestro status)" $(date)', [['echo', '$(maestro status)', '$(date)']]],
  ['nothing', '\n# only this\n', []],
])('reads %s', (_, text, words) => {
  expect(shellCommands(text).map((command) => command.words)).toEqual(words);
});

it('knows the lines on which they begin', () => {
  expect(shellCommands('a\n\nb \\\n c\nd').map(({ line }) => line)).toEqual([0, 2, 4]);
});
