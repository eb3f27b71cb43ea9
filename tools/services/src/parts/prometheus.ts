import { join } from 'node:path';

import { z } from 'zod';

import type { OwnPart, ProgramPaths, StartedServer, StartOptions } from '../part.ts';
import { launch } from './configured-server.ts';
import { type ConfiguredSuite, openConfiguredSuite, type ReloadableProgram } from './configured-suite.ts';
import { programVersion } from './program-version.ts';

export type PrometheusSuite = ConfiguredSuite;

export const prometheus: OwnPart<PrometheusSuite> = {
  kind: 'own',
  name: 'prometheus',
  title: 'Prometheus',
  variable: 'MAESTRO_TEST_PROMETHEUS',
  programs: [{ name: 'prometheus' }, { name: 'promtool' }],
  version: ({ prometheus: program = '' }) => programVersion(program, ['--version']),
  debianPackages: ['prometheus'],
  elsewhere:
    'install Prometheus 2.42 or newer (brew install prometheus), so that prometheus and promtool are on the PATH',
  server: { start, ask },
  openSuite: ({ programs, folder }) => Promise.resolve(openConfiguredSuite(prometheusOf(programs), folder)),
};

const buildInformation = z.object({ data: z.object({ version: z.string() }) });

async function start({ programs, folder }: StartOptions): Promise<StartedServer> {
  const { port, processId } = await launch(prometheusOf(programs), { folder, config: () => 'scrape_configs: []\n' });
  return { address: `http://127.0.0.1:${port}/`, processes: [processId] };
}

async function ask(address: string, signal: AbortSignal): Promise<string> {
  const ready = await fetch(new URL('-/ready', address), { signal });
  if (!ready.ok) throw new Error(`${ready.url} answers ${ready.status}: ${await ready.text()}`);
  const response = await fetch(new URL('api/v1/status/buildinfo', address), { signal });
  const { version } = buildInformation.parse(await response.json()).data;
  // Debian adds a mark of its own after a plus sign.
  return version.split('+')[0] ?? version;
}

function prometheusOf({ prometheus: program = '', promtool = '' }: ProgramPaths): ReloadableProgram {
  return {
    name: 'prometheus',
    fileName: 'prometheus.yml',
    check: (file) => ({ program: promtool, args: ['check', 'config', file] }),
    run: ({ file, folder, port }) => ({
      program,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
      ],
    }),
    servedBy: 'itself',
    isReady: async (port, signal) =>
      await ask(`http://127.0.0.1:${port}/`, signal).then(
        () => true,
        () => false,
      ),
    reload,
  };
}

/** By request rather than by SIGHUP, because that one is answered when it is done. */
async function reload({ port }: { readonly port: number }): Promise<void> {
  const url = `http://127.0.0.1:${port}/-/reload`;
  const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
}
