import { describe, expect, it } from 'vitest';

import { readDocument } from './document.ts';

describe('a page', () => {
  it('has anchors as GitHub names them', () => {
    const text = [
      '# The `maestro` command, and *more*',
      '## Ready?',
      '## Ready?',
      '## Ready 1',
      '## A_b – ünï',
      '<a id="own"></a>',
    ].join('\n\n');
    expect([...readDocument('a.md', text).anchors]).toEqual([
      'the-maestro-command-and-more',
      'ready',
      'ready-1',
      'ready-1-1',
      'a_b--ünï',
      'own',
    ]);
  });

  it('has links of every form with their lines, and none of code', () => {
    const text =
      '[a](b.md#c) `[no](no.md)`\n\n![p](p.svg) [by name][n]\n\n[n]: n.md\n\n<a href="h.md">h</a>\n\n```\n[no](no)\n```';
    expect(readDocument('a.md', text).links).toEqual([
      { line: 1, target: 'b.md#c' },
      { line: 3, target: 'p.svg' },
      { line: 5, target: 'n.md' },
      { line: 7, target: 'h.md' },
    ]);
  });

  it('gives a block the declarations right before it', () => {
    const text =
      '<!-- ts:\ndeclare const a: number;\n-->\n```ts\na;\n```\n\n```ts\nb;\n```\n\n- in a list\n\n  <!-- ts: let c = 1; -->\n  ```ts\n  c;\n  ```';
    expect(readDocument('a.md', text).blocks).toMatchObject([
      { line: 4, text: 'a;', context: 'declare const a: number;' },
      { line: 8, text: 'b;', context: '' },
      { line: 15, text: 'c;', context: 'let c = 1;' },
    ]);
  });

  it('says at which line it is not understood', () => {
    expect(readDocument('a.md', 'x\n\n```sh run\n```').problems).toEqual([
      { file: 'a.md', line: 3, message: 'not understood in the head of a block: run' },
    ]);
  });

  it('is a walkthrough below its mark, as far as the heading above the mark reaches', () => {
    const mark = '<!-- walkthrough: docker nginx -->';
    const whole = readDocument('a.md', `# T\n\n${mark}\n\n## One\n\n## Two`);
    expect(whole.walkthrough).toEqual({ line: 3, needs: ['docker', 'nginx'], endLine: Number.POSITIVE_INFINITY });
    const part = readDocument('a.md', `# T\n\n## One\n\n<!-- walkthrough -->\n\n### In it\n\n## Two`);
    expect(part.walkthrough).toEqual({ line: 5, needs: [], endLine: 9 });
    expect(readDocument('a.md', '# T\n\nThe comment `<!-- walkthrough -->`.').walkthrough).toBeNull();
  });
});
