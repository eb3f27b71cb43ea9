const diagrams =
  /^(?:flowchart|graph)\s+(?:LR|RL|TB|TD|BT)\b|^(?:sequenceDiagram|stateDiagram-v2|classDiagram|erDiagram|gantt|timeline|gitGraph|pie|xychart-beta)\b/;
const pairs: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['(', ')'],
  ['{', '}'],
];

/**
 * What of a diagram is wrong as far as it can be told without the browser that Mermaid needs: its kind, brackets and
 * quotes that stay open, blocks without an end.
 */
export function checkMermaid(text: string): readonly string[] {
  const lines = text
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .split('\n')
    .map((line) => line.trim().replace(/^%%.*$/, ''));
  const first = lines.find((line) => line !== '') ?? '';
  if (!diagrams.test(first)) return [`no kind of diagram: ${first}`];
  const problems: string[] = [];
  for (const line of lines) {
    const quotes = line.split('"').length - 1;
    if (quotes % 2 === 1) problems.push(`a quote stays open: ${line}`);
    const bare = line.replaceAll(/"[^"]*"/g, '').replaceAll(/\|[^|]*\|/g, '');
    for (const [open, close] of pairs) {
      // In sequence diagrams `-)` is an arrow, in entity diagrams `}|` a cardinality.
      if (!/^(?:flowchart|graph)/.test(first)) continue;
      if (bare.split(open).length !== bare.split(close).length)
        problems.push(`${open} and ${close} do not fit: ${line}`);
    }
  }
  const opened = lines.filter((line) => /^(?:subgraph|loop|alt|opt|par|critical|break|rect)\b/.test(line)).length;
  const closed = lines.filter((line) => line === 'end').length;
  if (opened !== closed) problems.push(`${opened} blocks are opened and ${closed} ended`);
  return problems;
}
