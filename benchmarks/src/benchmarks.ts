import type { ListedBenchmark } from './benchmark.ts';

export const benchmarks: readonly ListedBenchmark[] = [
  {
    name: 'embedded-proxy',
    summary: 'the embedded proxy beside the bare library it is made of, and switches under load',
    load: async () => (await import('./benchmarks/embedded-proxy/embedded-proxy.ts')).embeddedProxy,
  },
];
