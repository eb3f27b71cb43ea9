export { MemoryRouter } from './testing/memory-router.ts';
export { MemoryRuntime, type MemoryRuntimeOptions } from './testing/memory-runtime.ts';
export { type AnsweredRequest, MemoryTraffic } from './testing/memory-traffic.ts';
export { type RouterSubject, routerContract } from './testing/router-contract.ts';
export { type RuntimeSubject, runtimeContract } from './testing/runtime-contract.ts';
