import { existsSync } from 'node:fs';

import { expect, it } from 'vitest';

import { useParts } from '../src/index.ts';
import { describeWith } from '../src/vitest.ts';
import { silent } from './own-state.ts';

describeWith('a program that is no test, such as a benchmark', ['skopeo', 'nginx'], () => {
  it('uses parts with data of its own until it disposes of them', { timeout: 60_000 }, async () => {
    const used = await useParts({ needs: ['nginx', 'skopeo'], say: silent });
    const { folder, start } = used.parts.nginx;
    const config = (port: number) => `events {} http { server { listen 127.0.0.1:${port}; return 204; } }`;
    const { url } = await start({ config });
    expect((await fetch(url)).status).toBe(204);
    expect(existsSync(used.parts.skopeo.program)).toBe(true);
    await used[Symbol.asyncDispose]();
    await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(folder)).toBe(false);
  });
});
