import type { ContainerMount, ContainerSettings } from '../../ports/container-settings.ts';
import type { JobSpec } from '../../ports/job-runner.ts';
import type { InstanceAddress, InstanceSpec } from '../../ports/runtime.ts';
import type { SecretsMount } from '../../ports/secrets-mount.ts';
import type { Reach } from './address-book.ts';
import { labels, releaseLabels, type Scope, scopeLabels } from './container-labels.ts';

/** What an image starts by itself, and what it is called in the engine. */
export interface ImageFacts {
  readonly reference: string;
  readonly command: readonly string[];
}

/** What every container of an environment is made from. */
export interface ContainerParts {
  readonly scope: Scope;
  readonly network: string;
  readonly image: ImageFacts;
  readonly secrets: SecretsMount | undefined;
}

export interface ReplicaParts extends ContainerParts {
  readonly spec: InstanceSpec;
  readonly replica: number;
  readonly address: InstanceAddress;
  readonly reach: Reach;
}

export interface JobParts extends ContainerParts {
  readonly spec: JobSpec;
}

export const defaultPort = 8080;

/** The body of https://docs.docker.com/reference/api/engine/#tag/Container/operation/ContainerCreate for a replica. */
export function replicaContainer(parts: ReplicaParts) {
  const { scope, spec, replica, address, reach, network } = parts;
  const { port = defaultPort, replicas = 1, service, slot } = spec;
  const common = containerOf(parts, spec.command);
  const exposed = `${port}/tcp`;
  return {
    ...common,
    // A service that listens on one address only would not be reached.
    Env: variables({ ...spec.environment, ...parts.secrets?.fileVariables, HOST: '0.0.0.0', PORT: String(port) }),
    ExposedPorts: { [exposed]: {} },
    Labels: {
      ...scopeLabels(scope, 'instance'),
      ...releaseLabels(spec),
      [labels.service]: service,
      [labels.slot]: slot,
      [labels.replica]: String(replica),
      [labels.replicas]: String(replicas),
      [labels.address]: `${address.host}:${address.port}`,
    },
    HostConfig: {
      ...common.HostConfig,
      ...(reach === 'published'
        ? { PortBindings: { [exposed]: [{ HostIp: address.host, HostPort: String(address.port) }] } }
        : {}),
    },
    ...(reach === 'bridge'
      ? { NetworkingConfig: { EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: address.host } } } } }
      : {}),
  };
}

/** The same for a job: an address that the engine chooses, and no port. */
export function jobContainer(parts: JobParts) {
  const { scope, spec, secrets } = parts;
  return {
    ...containerOf(parts, spec.command),
    Env: variables({ ...spec.environment, ...secrets?.fileVariables }),
    Labels: {
      ...scopeLabels(scope, 'job'),
      ...releaseLabels(spec),
      [labels.service]: spec.service,
      [labels.job]: spec.job,
    },
  };
}

function containerOf(
  {
    image,
    secrets,
    network,
    ...parts
  }: ContainerParts & { readonly spec: { readonly container?: ContainerSettings | undefined } },
  command: readonly string[],
) {
  const settings = parts.spec.container ?? {};
  const wanted = command.length === 0 ? image.command : command;
  return {
    Image: image.reference,
    // An entry point that is named takes the place of the image's own, and of its command.
    Entrypoint: [...(secrets?.entrypoint ?? []), ...wanted],
    ...(settings.user === undefined ? {} : { User: settings.user }),
    HostConfig: {
      ...hostConfig(settings, secrets),
      NetworkMode: network,
      // Until it is said that it is to be kept running: what crashes before has failed.
      RestartPolicy: { Name: 'no' },
    },
  };
}

function hostConfig(settings: ContainerSettings, secrets: SecretsMount | undefined) {
  const { cpus, memoryBytes, processes, ulimits = {}, readOnlyRoot = false, init = false } = settings;
  const { dropCapabilities = [], addCapabilities = [], mounts = [], log = rotatingLog } = settings;
  return {
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
    ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(processes === undefined ? {} : { PidsLimit: processes }),
    Ulimits: Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
    ReadonlyRootfs: readOnlyRoot,
    CapDrop: dropCapabilities,
    CapAdd: addCapabilities,
    SecurityOpt: ['no-new-privileges'],
    Init: init,
    LogConfig: { Type: log.driver, Config: log.options },
    Mounts: [...mounts.map(mountOf), ...(secrets === undefined ? [] : [secretsMount(secrets)])],
  };
}

const rotatingLog = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } };

function mountOf(mount: ContainerMount) {
  switch (mount.kind) {
    case 'volume':
      return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: mount.readOnly ?? false };
    case 'folder':
      return { Type: 'bind', Source: mount.folder, Target: mount.target, ReadOnly: mount.readOnly ?? false };
    case 'memory':
      return { Type: 'tmpfs', Target: mount.target, TmpfsOptions: { SizeBytes: mount.sizeBytes } };
  }
}

/** What the image has at the target is not to be copied into it. */
function secretsMount({ volume, target }: SecretsMount) {
  return { Type: 'volume', Source: volume, Target: target, ReadOnly: true, VolumeOptions: { NoCopy: true } };
}

function variables(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}
