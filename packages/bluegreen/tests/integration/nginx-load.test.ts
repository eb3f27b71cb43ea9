import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { selfSigned } from '@maestro/services/self-signed';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it, onTestFinished } from 'vitest';

import { otherSlot, type Slot } from '../../src/slots.ts';
import { freePort } from './environment.ts';
import { type LoadOutcome, underHttp2Load, underLoad } from './load.ts';
import { NginxEnvironment, topologyOf } from './nginx-environment.ts';

/** Services that come and go, one after the other. */
const changing = (count: number) => topologyOf('web', ...['api', 'admin', 'docs'].slice(0, (count % 3) + 1));

function expectNoLoss(
  { answered, failures }: LoadOutcome,
  { clients, fault, times }: { readonly clients: number; readonly fault: string; readonly times: number },
): void {
  recordFaults({
    promised: 'no request is dropped',
    fault,
    times,
    checked: { requests: answered + failures.length },
    wrong: { 'failed requests': failures.length },
  });
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(clients);
}

describeWith('nginx under load', ['nginx'], (parts) => {
  async function serve() {
    const environment = await NginxEnvironment.open({ program: parts().nginx.program });
    onTestFinished(() => environment[Symbol.asyncDispose]());
    const { url } = await environment.nginx.router.apply(topologyOf('web', 'api'));
    await environment.switchTo({ web: 'blue', api: 'blue' });
    return { environment, url };
  }

  it('fails no request in 60 switches, canaries among them', { timeout: 120_000 }, async () => {
    const { environment, url } = await serve();
    const outcome = await underLoad({ url, clients: 16 }, async () => {
      let slot: Slot = 'blue';
      for (let count = 0; count < 60; count += 1) {
        const tried = count % 3 === 0;
        if (!tried) slot = otherSlot(slot);
        await environment.switchTo({ web: slot, api: slot }, tried ? { web: 50 } : undefined);
      }
    });
    expectNoLoss(outcome, { clients: 16, fault: 'switches of nginx, canaries among them', times: 60 });
  });

  it('fails none while services come and go, also of clients that pause', { timeout: 120_000 }, async () => {
    const { environment, url } = await serve();
    const idleMs = (client: number) => (client % 4) * 100;
    const outcome = await underLoad({ url, clients: 16, idleMs }, async () => {
      for (let count = 0; count < 6; count += 1) await environment.nginx.router.apply(changing(count));
    });
    expectNoLoss(outcome, { clients: 16, fault: 'services of nginx come and go', times: 6 });
  });

  it('fails none over HTTP/2 either, but for those that it says it has not begun', { timeout: 120_000 }, async () => {
    const { environment } = await serve();
    const { certificate, key } = await selfSigned({ title: 'a test', hosts: ['localhost'] });
    const [certificateFile, keyFile] = [join(environment.folder, 'c.pem'), join(environment.folder, 'k.pem')];
    await writeFile(certificateFile, certificate);
    await writeFile(keyFile, key);
    const tls = { port: await freePort(), certificates: [{ hosts: [], certificateFile, keyFile }] };
    const { router } = environment.nginx;
    const { url } = await router.apply({ ...topologyOf('web'), tls });
    const outcome = await underHttp2Load({ url, clients: 4, atOnce: 4 }, async () => {
      for (let count = 0; count < 4; count += 1) {
        await router.apply({ ...changing(count), tls });
        await environment.switchTo({ web: count % 2 === 0 ? 'green' : 'blue' });
      }
    });
    expectNoLoss(outcome, { clients: 4, fault: 'services of nginx come and go, and switches, over HTTP/2', times: 4 });
  });

  it('fails none when its program is replaced', { timeout: 120_000 }, async () => {
    const { environment, url } = await serve();
    const masters = new Set([await environment.program.master()]);
    const outcome = await underLoad({ url, clients: 16 }, async () => {
      for (let count = 0; count < 3; count += 1) {
        await environment.nginx.replaceProxy();
        masters.add(await environment.program.master());
      }
    });
    expectNoLoss(outcome, { clients: 16, fault: 'nginx replaced by a new process', times: 3 });
    expect(masters.size).toBe(4);
    expect(await environment.nginx.router.reloadsFor(topologyOf('web', 'api'))).toBe(false);
  });
});
