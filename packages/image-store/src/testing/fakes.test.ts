import { describe, it } from 'vitest';

import { imageStoreContract } from './image-store-contract.ts';
import { MemoryImageStore } from './memory-image-store.ts';
import { MemoryReleaseHistory } from './memory-release-history.ts';
import { releaseHistoryContract } from './release-history-contract.ts';

describe('MemoryImageStore', () => {
  for (const { name, run } of imageStoreContract(() => Promise.resolve(new MemoryImageStore()))) it(name, run);
});

describe('MemoryReleaseHistory', () => {
  for (const { name, run } of releaseHistoryContract(() => Promise.resolve(new MemoryReleaseHistory()))) it(name, run);
});
