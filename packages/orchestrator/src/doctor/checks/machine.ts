import { totalmem } from 'node:os';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { bytes } from '../words.ts';

const oldestNode = [22, 18] as const;
const memoryBytes = { failed: 64 * 1024 ** 2, warning: 256 * 1024 ** 2 };

export const machineChecks = [
  check({
    name: 'node-version',
    group: 'machine',
    look: () => ({ version: process.versions.node }),
    judge: judgeNode,
  }),
  check({
    name: 'memory',
    group: 'machine',
    look: () => ({ availableBytes: process.availableMemory(), totalBytes: totalmem() }),
    judge: judgeMemory,
  }),
];

export function judgeNode({ version }: { readonly version: string }): Judgement {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isNew) return ok(`Node ${version}`);
  return failed(`Node ${version} is too old, expected ${oldestNode.join('.')} or newer`, 'nvm install 24');
}

/** Two versions of a service run beside each other for a while. */
export function judgeMemory(facts: { readonly availableBytes: number; readonly totalBytes: number }): Judgement {
  const { availableBytes, totalBytes } = facts;
  const message = `${bytes(availableBytes)} of ${bytes(totalBytes)} are free`;
  const fix = 'ps -eo rss,pid,args --sort=-rss | head';
  if (availableBytes < memoryBytes.failed) return failed(`${message}: too few to start anything`, fix);
  if (availableBytes < memoryBytes.warning)
    return warning(`${message}, and a release runs two versions side by side`, fix);
  return ok(message);
}
