import { existsSync } from 'node:fs';

import type { SharedPart } from '../part.ts';
import { connect, type EngineAddress, parseAddress, versionAt } from './docker/connection.ts';
import { clearEngine, startEngine } from './docker/engine-process.ts';
import { removeObjects } from './docker/objects.ts';
import { programVersion } from './program-version.ts';

/** A network of the suite's own, and whatever it makes that is recognisably its own: all of that ends with it. */
export interface DockerSuite extends AsyncDisposable {
  /** `unix:///…` or `tcp://…`. */
  readonly address: string;
  /** The same, as clients take it. */
  readonly engine: EngineAddress;
  /** What names of its containers, networks, volumes and repositories begin with, where they do not carry its labels. */
  readonly suite: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: { readonly name: string; readonly subnet: string };
}

const usualSocket = '/var/run/docker.sock';

export const docker: SharedPart<DockerSuite> = {
  kind: 'shared',
  name: 'docker',
  title: 'Docker Engine',
  variable: 'MAESTRO_TEST_DOCKER',
  programs: ['dockerd', 'ip', 'iptables-save', 'iptables-restore', 'ip6tables-save', 'ip6tables-restore'].map(
    (name) => ({ name }),
  ),
  version: ({ dockerd = '' }) => programVersion(dockerd, ['--version']),
  // Base images are made with debootstrap where no hub can be reached.
  debianPackages: ['docker.io', 'iproute2', 'debootstrap'],
  elsewhere: 'start Docker Desktop, or any Docker Engine that listens on a socket',
  usualAddresses,
  server: { start: startEngine, ask: versionAt, clear: clearEngine },
  openSuite,
  removeSuites: ({ address, isLeftover }) => removeObjects(connect(address), isLeftover),
};

function usualAddresses(): readonly string[] {
  const named = process.env.DOCKER_HOST;
  const usual = existsSync(usualSocket) ? [`unix://${usualSocket}`] : [];
  return named === undefined || named === '' ? usual : [named, ...usual];
}

async function openSuite(options: { readonly address: string; readonly suite: string }): Promise<DockerSuite> {
  const { address, suite } = options;
  const engine = connect(address);
  const labels = { 'maestro.test.suite': suite };
  const network = await engine.createNetwork({ Name: suite, Driver: 'bridge', Labels: labels });
  const { IPAM } = await network.inspect();
  return {
    address,
    engine: parseAddress(address),
    suite,
    labels,
    network: { name: suite, subnet: IPAM?.Config?.[0]?.Subnet ?? '' },
    [Symbol.asyncDispose]: () => removeObjects(engine, (name) => name.startsWith(suite)),
  };
}
