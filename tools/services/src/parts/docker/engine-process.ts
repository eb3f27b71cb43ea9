import { globSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { StartedServer, StartOptions } from '../../part.ts';
import { endProcessesOfFolder } from '../../processes-of-folder.ts';
import { spawnServer } from '../../server-process.ts';
import { cgroupOf, endCgroup } from './cgroup.ts';
import { enginesHere } from './engines-here.ts';
import { readHostState, recordHostState, restoreHostState } from './host-state.ts';

/** Networks of containers, 256 of 254 addresses each: one a suite. */
const addressPool = '10.213.0.0/16';

/** Starts dockerd, with its containerd and everything else it keeps in the folder. */
export async function startEngine({ programs, folder }: StartOptions): Promise<StartedServer> {
  await refuseWhereItCannotBe();
  await recordHostState(folder, programs);
  // The machine's own configuration, meant for another engine, is not read.
  const configuration = join(folder, 'daemon.json');
  await writeFile(configuration, '{}');
  const address = `unix://${join(folder, 'docker.sock')}`;
  const options = {
    host: address,
    'config-file': configuration,
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    pidfile: join(folder, 'docker.pid'),
    'default-address-pool': `base=${addressPool},size=24`,
    // By its own control group its containers are told from those of other engines.
    'exec-opt': 'native.cgroupdriver=cgroupfs',
    'cgroup-parent': `/${cgroupOf(folder)}`,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  // It starts iptables, containerd and runc by name.
  const environment = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` };
  const server = await spawnServer({ program: programs.dockerd ?? '', args, folder, environment });
  return { address, processes: [server] };
}

async function refuseWhereItCannotBe(): Promise<void> {
  if (process.geteuid?.() !== 0) {
    throw new Error(
      'only root can start a Docker Engine; run as root, or set MAESTRO_TEST_DOCKER to the socket of a rootless one',
    );
  }
  const [other] = await enginesHere();
  if (other === undefined) return;
  // At its start an engine flushes Docker's chains: the ports that the other's containers publish would be lost.
  throw new Error(
    `another Docker Engine runs here, as process ${other}, and two of them spoil each other's packet rules; ` +
      'set MAESTRO_TEST_DOCKER to its socket (unix:///…), or end it',
  );
}

/**
 * Ends the engine with all its containers and leaves the machine as it was. None of its data is kept, so it is killed:
 * that is quick, cannot be refused, and is the same for one that was killed before, whose containers live on.
 */
export async function clearEngine({ programs, folder }: StartOptions): Promise<void> {
  // First what would restart containers: dockerd, containerd and the shims, all told of the folder.
  await endProcessesOfFolder(folder, { patienceMs: 0 });
  await endCgroup(cgroupOf(folder));
  for (const socket of await shimSockets(folder)) await rm(socket, { force: true });
  const before = await readHostState(folder);
  if (before === undefined) return;
  await restoreHostState(before, { programs, bridges: await bridgesOf(folder) });
}

/** Shims listen outside of the folder, and note where. */
async function shimSockets(folder: string): Promise<readonly string[]> {
  const notes = globSync(join(folder, 'exec/containerd/daemon/io.containerd.runtime.v2.task/*/*/address'));
  const addresses = await Promise.all(notes.map((note) => readFile(note, 'utf8')));
  return addresses.map((address) => address.trim().replace('unix://', ''));
}

/** The bridges of the networks it has or had, as its own database of networks tells them. */
async function bridgesOf(folder: string): Promise<readonly string[]> {
  const database = await readFile(join(folder, 'data/network/files/local-kv.db'), 'latin1').catch(() => '');
  return [...new Set(Array.from(database.matchAll(/"BridgeName":"([^"]+)"/g), ([, name = '']) => name))];
}
