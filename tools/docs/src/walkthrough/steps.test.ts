import { expect, it } from 'vitest';

import { readDocument } from '../markdown/document.ts';
import { stepsOf } from './steps.ts';

const page = `# T

\`\`\`sh
before the mark
\`\`\`

<!-- walkthrough -->

\`\`\`ts file=a.ts
export {};
\`\`\`

\`\`\`sh exit=3
false
\`\`\`

\`\`\`text output
no
\`\`\`

\`\`\`sh not-run="needs systemd"
reboot
\`\`\`

\`\`\`text output
gone
\`\`\`

\`\`\`ts
const shown = 1;
\`\`\`

\`\`\`sh
echo
\`\`\`
`;

it('gives every block of a walkthrough a fate', () => {
  const { steps, rest } = stepsOf(readDocument('a.md', page));
  const told = steps.map((step) => [step.kind, step.block.text, step.kind === 'run' ? step.output?.text : undefined]);
  expect(told).toEqual([
    ['write', 'export {};', undefined],
    ['run', 'false', 'no'],
    ['not-run', 'reboot', undefined],
    ['not-run', 'gone', undefined],
    ['run', 'echo', undefined],
  ]);
  expect(rest.map(({ text }) => text)).toEqual(['const shown = 1;']);
});
