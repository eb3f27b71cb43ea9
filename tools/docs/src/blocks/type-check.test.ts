import { join } from 'node:path';

import { expect, it } from 'vitest';

import { readDocument } from '../markdown/document.ts';
import { typeCheck } from './type-check.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const page = `# T

<!-- ts: declare const text: string; -->
\`\`\`ts
import { messageOf } from '@maestro/core';

messageOf(text).trim();
await Promise.resolve();
\`\`\`

\`\`\`ts
import { messageOf } from '@maestro/core';

const wrong: number = messageOf(new Error('x'));
text.trim();
\`\`\`
`;

it('checks each block as a module of its own, with its declarations, and names lines of the page', () => {
  const { path, blocks } = readDocument('docs/a.md', page);
  const problems = typeCheck(
    blocks.map((block) => ({ path, block })),
    { root },
  );
  expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
    ['docs/a.md', 14, "Type 'string' is not assignable to type 'number'."],
    ['docs/a.md', 15, "Cannot find name 'text'."],
  ]);
});
