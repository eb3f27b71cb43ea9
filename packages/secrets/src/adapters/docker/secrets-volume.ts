import type { ListedSecrets, SecretsPlace } from '../../containers/container-secrets.ts';
import { volumeName } from '../../containers/secrets-place.ts';
import type { Owner } from '../../containers/tar-archive.ts';
import { type Answered, objectOf, objectsIn, parsed, textOf, textsOf } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import { foreignVolume, volumeInUse } from './errors.ts';

/** The environment that volumes and keepers belong to. */
export interface SecretsScope {
  readonly project: string;
  readonly environment: string;
}

/** A volume of this environment, as it was found or is wanted. */
export interface SecretsVolume extends SecretsPlace {
  readonly name: string;
  readonly owner: Owner;
  readonly sizeBytes: number;
}

const ownerLabel = 'maestro.secrets.owner';
const sizeLabel = 'maestro.secrets.size';

/** By these whatever belongs to a volume is found. */
export function labelsOf({ project, environment }: SecretsScope, place: SecretsPlace, role: string) {
  return {
    'maestro.project': project,
    'maestro.environment': environment,
    'maestro.service': place.service,
    ...(place.slot === undefined ? {} : { 'maestro.slot': place.slot }),
    'maestro.role': role,
  };
}

/** The volumes of one environment in an engine: memory with an owner and a limit, which cannot be changed later. */
export class SecretsVolumes {
  readonly #client: EngineClient;
  readonly #scope: SecretsScope;

  constructor(client: EngineClient, scope: SecretsScope) {
    this.#client = client;
    this.#scope = scope;
  }

  async find(place: SecretsPlace, signal: AbortSignal): Promise<SecretsVolume | undefined> {
    const name = volumeName(this.#scope, place);
    const answer = await this.#client.find({ method: 'GET', path: `/volumes/${name}`, signal });
    if (answer === undefined) return undefined;
    const found = this.#read(parsed(answer.body));
    if (found?.service !== place.service || found.slot !== place.slot) {
      throw foreignVolume(this.#client.address, name);
    }
    return found;
  }

  async list(signal: AbortSignal): Promise<readonly SecretsVolume[]> {
    const { project, environment } = this.#scope;
    const label = [`maestro.project=${project}`, `maestro.environment=${environment}`, 'maestro.role=secrets'];
    const query = { filters: JSON.stringify({ label }) };
    const { body } = await this.#client.ask({ method: 'GET', path: '/volumes', query, signal });
    const own = objectsIn(parsed(body).Volumes).flatMap((volume) => this.#read(volume) ?? []);
    return own.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The volume that such secrets need, or one that was made earlier and fits. */
  wanted(place: SecretsPlace, owner: Owner, sizeBytes: number): SecretsVolume {
    return { ...place, name: volumeName(this.#scope, place), owner, sizeBytes };
  }

  async create(volume: SecretsVolume, noswap: boolean, signal: AbortSignal): Promise<void> {
    const { name, owner, sizeBytes } = volume;
    const limits = `size=${sizeBytes},mode=0750,uid=${owner.uid},gid=${owner.gid}`;
    const options = ['nosuid', 'nodev', 'noexec', limits, ...(noswap ? ['noswap'] : [])].join(',');
    const json = {
      Name: name,
      Driver: 'local',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: options },
      Labels: {
        ...labelsOf(this.#scope, volume, 'secrets'),
        [ownerLabel]: `${owner.uid}:${owner.gid}`,
        [sizeLabel]: `${sizeBytes}`,
      },
    };
    await this.#client.ask({ method: 'POST', path: '/volumes/create', body: { json }, signal });
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    await this.#client.find({ method: 'DELETE', path: `/volumes/${name}`, signal });
  }

  /** Throws SECRETS_VOLUME_IN_USE where a container beside its keeper has the volume, running or not. */
  async refuseWhileInUse(name: string, keeper: string, why: string, signal: AbortSignal): Promise<void> {
    const query = { all: 'true', filters: JSON.stringify({ volume: [name] }) };
    const { body } = await this.#client.ask({ method: 'GET', path: '/containers/json', query, signal });
    const users = objectsIn(JSON.parse(body.toString('utf8')))
      .map((container) => textsOf(container, 'Names')[0]?.replace(/^\//, '') ?? textOf(container, 'Id'))
      .filter((user) => user !== keeper);
    if (users.length > 0) throw volumeInUse(this.#client.address, name, why, users);
  }

  #read(volume: Answered): SecretsVolume | undefined {
    const labels = objectOf(volume.Labels);
    const { project, environment } = this.#scope;
    const own = textOf(labels, 'maestro.project') === project && textOf(labels, 'maestro.environment') === environment;
    const owner = /^(\d+):(\d+)$/.exec(textOf(labels, ownerLabel));
    if (!own || textOf(labels, 'maestro.role') !== 'secrets' || owner === null) return undefined;
    const slot = textOf(labels, 'maestro.slot');
    return {
      name: textOf(volume, 'Name'),
      service: textOf(labels, 'maestro.service'),
      ...(slot === '' ? {} : { slot }),
      owner: { uid: Number(owner[1]), gid: Number(owner[2]) },
      sizeBytes: Number(textOf(labels, sizeLabel)),
    };
  }
}

export function listed(volume: SecretsVolume, state: ListedSecrets['state']): ListedSecrets {
  const { service, slot, name, owner } = volume;
  return { service, ...(slot === undefined ? {} : { slot }), volume: name, owner, state };
}
