import { describe, expect, it } from 'vitest';

import { readDocument } from '../markdown/document.ts';
import { checkLinks, withFolders } from './check-links.ts';

const guide = readDocument('docs/guides/a.md', '# Guide\n\n## Part one');
const linked = {
  documents: new Map([[guide.path, guide]]),
  paths: withFolders(['README.md', 'docs/guides/a.md', 'docs/picture.svg', 'src/main.ts']),
};
const flawsOf = (target: string) =>
  checkLinks(readDocument('docs/b.md', `# B\n\n[link](${target})`), linked).map(({ line, message }) => [line, message]);

describe('a link', () => {
  it.each([
    'guides/a.md',
    'guides/a.md#part-one',
    './picture.svg',
    '../README.md',
    'guides',
    '#b',
    '../src/main.ts#L3',
    'https://a.b',
  ])('to %s is right', (target) => {
    expect(flawsOf(target)).toEqual([]);
  });

  it.each([
    ['guides/c.md', /no file: there is no docs\/guides\/c.md/],
    ['guides/a.md#part-two', /no heading of docs\/guides\/a.md/],
    ['#c', /no heading of docs\/b.md/],
    ['../../elsewhere.md', /out of the repository/],
    ['/README.md', /out of the repository/],
    ['../src/main.ts#part', /names a heading of no page/],
  ])('to %s leads nowhere', (target, message) => {
    expect(flawsOf(target)).toEqual([[3, expect.stringMatching(message)]]);
  });
});
