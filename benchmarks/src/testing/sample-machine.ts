import type { Machine } from '../machine.ts';

/** A machine that did nothing else, for tests. */
export const sampleMachine: Machine = {
  platform: 'linux',
  arch: 'x64',
  cores: 2,
  cpu: 'Xeon',
  memoryBytes: 8 * 2 ** 30,
  load: 0.2,
  node: 'v24.21.0',
  commit: '84fd22a5ad94ead4b08bab16b73f56982d5eddcf',
  dirty: false,
};
