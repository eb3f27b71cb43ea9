import type { ServiceContext } from './import-context.ts';

/** What others read of a service, or what needs no equivalent since Maestro does it for all. */
const read = new Set([
  ...[
    'build',
    'cap_add',
    'cap_drop',
    'command',
    'cpus',
    'depends_on',
    'deploy',
    'entrypoint',
    'env_file',
    'environment',
  ],
  ...['expose', 'healthcheck', 'image', 'init', 'labels', 'links', 'logging', 'mem_limit', 'memswap_limit', 'networks'],
  ...['pids_limit', 'platform', 'ports', 'profiles', 'pull_policy', 'read_only', 'restart', 'scale', 'secrets'],
  ...['stop_grace_period', 'tmpfs', 'ulimits', 'user', 'volumes'],
]);

const inDockerfile = (instruction: string) => `put it into the Dockerfile: ${instruction}`;

const advices: Readonly<Record<string, string>> = {
  configs: 'copy the file into the image, or mount a folder with `container.volumes`',
  container_name: 'leave it out: Maestro names containers, two of each while a version is replaced',
  develop: 'leave it out: `runtime: embedded` runs the working tree itself',
  devices: 'run it beside Maestro: a device cannot be given to two versions at once',
  dns: 'configure the engine: /etc/docker/daemon.json',
  domainname: 'leave it out: others reach it by <NAME>_URL',
  extends: 'write it out: `docker compose config` prints the file with what it extends, import that',
  extra_hosts: 'use names that the DNS of the machine knows',
  group_add: 'give the group in `image.user`, or add it in the Dockerfile',
  hostname: 'leave it out: others reach it by <NAME>_URL',
  network_mode: 'leave it out: services of an environment share a network, and join others with `container.networks`',
  privileged: 'name what it needs in `container.capAdd`, or run it beside Maestro',
  shm_size: "mount memory: `container.volumes: [{ type: tmpfs, target: /dev/shm, size: '…' }]`",
  stdin_open: 'leave it out: services have no terminal',
  stop_signal: inDockerfile('STOPSIGNAL'),
  sysctls: "set it on the engine's machine",
  tty: 'leave it out: services have no terminal',
  volumes_from: 'name the same volumes in `container.volumes` of both',
  working_dir: inDockerfile('WORKDIR'),
};

/** Keys of a service that a registry has no equivalent for. */
export function reportUnknownKeys({ service, report }: ServiceContext): void {
  for (const [key, value] of Object.entries(service)) {
    if (read.has(key) || key.startsWith('x-')) continue;
    // What every container of Maestro has anyway.
    if (key === 'security_opt' && isNoNewPrivileges(value)) continue;
    report([key], key, advices[key] ?? 'leave it out, or run the service beside Maestro');
  }
}

function isNoNewPrivileges(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => /^no-new-privileges([:=]true)?$/.test(String(item)));
}
