import { isRecord } from '../../plan/merge.ts';
import type { Report } from './compose-finding.ts';
import { recordOf } from './import-context.ts';

const read = new Set(['configs', 'name', 'networks', 'secrets', 'services', 'version', 'volumes']);

/** What stands beside the services and has no equivalent. */
export function reportTop(content: Readonly<Record<string, unknown>>, report: Report): void {
  for (const key of Object.keys(content)) {
    if (read.has(key) || key.startsWith('x-')) continue;
    const advice =
      key === 'include' ? '`docker compose config` prints the file with what it includes, import that' : 'leave it out';
    report([key], key, advice);
  }
  for (const [name, network] of Object.entries(recordOf(content.networks))) {
    const { external, ...settings } = recordOf(network);
    if (name === 'default' && Object.keys(settings).length === 0) continue;
    if (external === true || isRecord(external)) continue;
    report(
      ['networks', name],
      `the network ${name}`,
      'leave it out: the services of an environment share one; others can be joined with `container.networks` where they are there',
    );
  }
  for (const [name, volume] of Object.entries(recordOf(content.volumes))) {
    const { driver, driver_opts: options } = recordOf(volume);
    if ((driver === undefined || driver === 'local') && options === undefined) continue;
    report(['volumes', name], 'a volume with a driver or options', 'make it before: docker volume create');
  }
}
