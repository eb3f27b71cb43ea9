export { imageStoreContract } from './testing/image-store-contract.ts';
export { MemoryImageStore } from './testing/memory-image-store.ts';
export { MemoryReleaseHistory } from './testing/memory-release-history.ts';
export { releaseHistoryContract } from './testing/release-history-contract.ts';
export { sampleRelease, sampleReleaseId, sampleSource } from './testing/samples.ts';
