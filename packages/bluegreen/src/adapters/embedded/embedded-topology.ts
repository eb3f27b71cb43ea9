import { BlueGreenError } from '../../errors.ts';
import type { Topology } from '../../ports/router.ts';

/** Refuses what the daemon's proxy does not know. Throws `BLUEGREEN_TOPOLOGY_REFUSED`. */
export function checkEmbeddedTopology({ tls, maintenancePage, services }: Topology): void {
  if (tls !== undefined) throw unknown('TLS');
  if (maintenancePage !== undefined) throw unknown('maintenance page');
  for (const { name, proxy } of services) {
    const [setting] = Object.entries(proxy ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (setting !== undefined) throw unknown(`setting ${setting}, which ${name} has`);
  }
}

function unknown(what: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_TOPOLOGY_REFUSED', `the proxy of an embedded environment has no ${what}`, {
    hint: 'leave it out for this environment, or give the environment nginx as its proxy',
  });
}
