import { describe, expect, it } from 'vitest';

import { BuildOutput } from './build-output.ts';

const imageId = `sha256:${'a'.repeat(64)}`;

function reading() {
  const lines: string[] = [];
  return { lines, output: new BuildOutput((line) => lines.push(line)) };
}

describe('the output of the classic builder', () => {
  it('is lines, wherever they are cut, without colours', () => {
    const { lines, output } = reading();
    const texts = [
      'Step 1/2 : FROM a',
      '\n',
      ' ---> 12\n\n',
      'Step 2/2 : RUN b\n',
      '\u001b[91mno',
      ' space\u001b[0m\r\n',
      'the end',
    ];
    for (const stream of texts) output.take({ stream });
    expect(lines).toEqual(['Step 1/2 : FROM a', ' ---> 12', 'Step 2/2 : RUN b', 'no space']);
    output.end();
    expect(lines.at(-1)).toBe('the end');
    expect(output.step).toBe('RUN b');
  });

  it('ends with the image', () => {
    const { output } = reading();
    output.take({ aux: { ID: imageId } });
    output.take({ stream: 'Successfully built aaaa\n' });
    expect(output.imageId).toBe(imageId);
  });

  it('keeps its last lines only', () => {
    const { output } = reading();
    for (let line = 1; line <= 40; line += 1) output.take({ stream: `${line}\n` });
    expect(output.lastLines).toEqual(Array.from({ length: 15 }, (_, index) => String(index + 26)));
  });
});
