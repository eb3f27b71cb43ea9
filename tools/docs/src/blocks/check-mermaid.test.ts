import { expect, it } from 'vitest';

import { checkMermaid } from './check-mermaid.ts';

it.each([
  'flowchart LR\n  subgraph a["x (y)"]\n  b --> c{{d}}\n  end\n  c -- "no" --> e([f])',
  '---\nconfig:\n  look: classic\n---\nxychart-beta\n  bar [1, 2]',
  'sequenceDiagram\n  a-)b: hello\n  loop often\n  b->>a: answer\n  end',
])('accepts a diagram', (text) => {
  expect(checkMermaid(text)).toEqual([]);
});

it.each([
  ['picture LR', /no kind of diagram/],
  ['flowchart LR\n  a[b --> c', /\[ and \] do not fit/],
  ['flowchart LR\n  a["b] --> c', /quote stays open/],
  ['flowchart LR\n  subgraph a\n  b', /1 blocks are opened and 0 ended/],
])('refuses %j', (text, message) => {
  expect(checkMermaid(text).join('\n')).toMatch(message);
});
