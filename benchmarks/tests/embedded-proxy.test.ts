import { expect, it } from 'vitest';

import { type Site, startSite } from '../src/benchmarks/embedded-proxy/site.ts';
import { startFixedProxy } from '../src/benchmarks/embedded-proxy/start-fixed-proxy.ts';

it('compares two proxies in front of the same instance, and leaves neither running', async () => {
  const { signal } = new AbortController();
  let site: Site;
  let peerUrl: string;
  {
    await using stack = new AsyncDisposableStack();
    site = await startSite({ signal, stack });
    peerUrl = await startFixedProxy(site.blueUrl, { signal, stack });
    const answers = await Promise.all([site.blueUrl, site.url, peerUrl].map(async (url) => (await fetch(url)).text()));
    expect(answers[0]).toContain('item 9');
    expect(new Set(answers).size).toBe(1);
    expect(await site.switch()).toBeGreaterThan(0);
    expect((await fetch(site.url)).status).toBe(200);
  }
  for (const url of [site.blueUrl, site.url, peerUrl]) await expect(fetch(url)).rejects.toThrow('fetch failed');
});

it('gives the peer up when it is stopped while starting it', async () => {
  await using stack = new AsyncDisposableStack();
  const signal = AbortSignal.abort(new Error('stopped by hand'));
  await expect(startFixedProxy('http://127.0.0.1:1', { signal, stack })).rejects.toThrow('stopped by hand');
});
