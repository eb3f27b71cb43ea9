import { describe, it } from 'vitest';

import { imageBuilderContract } from './image-builder-contract.ts';
import { imageContentContract } from './image-content-contract.ts';
import { imageStoreContract } from './image-store-contract.ts';
import { MemoryImageBuilder } from './memory-image-builder.ts';
import { MemoryImageContent } from './memory-image-content.ts';
import { MemoryImageStore } from './memory-image-store.ts';
import { MemoryReleaseHistory } from './memory-release-history.ts';
import { releaseHistoryContract } from './release-history-contract.ts';

describe('MemoryImageStore', () => {
  for (const { name, run } of imageStoreContract(() => Promise.resolve(new MemoryImageStore()))) it(name, run);
});

describe('MemoryImageContent', () => {
  for (const { name, run } of imageContentContract(() => Promise.resolve(new MemoryImageContent()))) it(name, run);
});

describe('MemoryReleaseHistory', () => {
  for (const { name, run } of releaseHistoryContract((kept) => Promise.resolve(new MemoryReleaseHistory({ kept }))))
    it(name, run);
});

describe('MemoryImageBuilder', () => {
  const create = () => Promise.resolve({ builder: new MemoryImageBuilder(), repository: 'shop-api', labels: {} });
  for (const { name, run } of imageBuilderContract(create)) it(name, run);
});
