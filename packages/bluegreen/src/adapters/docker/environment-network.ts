import { readFile } from 'node:fs/promises';

import type { BlueGreenError } from '../../errors.ts';
import { networkName, type Scope, scopeLabels } from './container-labels.ts';
import { type InspectedNetwork, inspectedNetwork, listedNetworks } from './engine-answers.ts';
import { type EngineClient, unlessMissing } from './engine-client.ts';
import { EngineRefusal } from './engine-refusal.ts';
import { engineFailed, networkUnfit } from './errors.ts';
import { formatSubnet, overlap, parseSubnet, type Subnet, subnetsOfRoutes } from './ipv4.ts';
import { freeSubnet, type NetworkPlan, planNetwork } from './network-plan.ts';

export interface EnvironmentNetworkOptions {
  readonly client: EngineClient;
  readonly scope: Scope;
  /** Such as `10.200.4.0/22`; one that is free by default. */
  readonly subnet?: string | undefined;
}

/** A network as it is. */
export interface FoundNetwork extends NetworkPlan {
  readonly name: string;
  readonly subnet: Subnet;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

interface EnsureOptions extends Cancellable {
  /** Such as the subnet that it had before it was removed. */
  readonly preferred?: string | undefined;
}

const attempts = 5;

/** The network of an environment, in which each place of a slot has an address of its own. */
export class EnvironmentNetwork {
  readonly name: string;
  readonly #client: EngineClient;
  readonly #scope: Scope;
  readonly #wanted: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ client, scope, subnet }: EnvironmentNetworkOptions) {
    this.name = networkName(scope);
    this.#client = client;
    this.#scope = scope;
    this.#wanted = subnet;
  }

  /** Creates it unless it is there, with `preferred` where that is free. Throws `BLUEGREEN_NETWORK_UNFIT`. */
  ensure(options: EnsureOptions = {}): Promise<FoundNetwork> {
    const ensured = this.#turn.then(() => this.#ensure(options));
    this.#turn = ensured.catch(() => undefined);
    return ensured;
  }

  async #ensure({ signal, preferred }: EnsureOptions): Promise<FoundNetwork> {
    const refused: Subnet[] = [];
    try {
      for (let left = attempts; left > 0; left -= 1) {
        const found = await this.#find(signal);
        if (found !== undefined) return this.#checked(found);
        const subnet = this.#given() ?? (await this.#choose({ preferred, refused, signal }));
        if (!(await this.#create(subnet, signal))) refused.push(subnet);
      }
    } catch (error) {
      throw engineFailed(this.#client.address, `make the network ${this.name}`, error);
    }
    throw this.#unfit(`the engine takes none of ${refused.map(formatSubnet).join(', ')}`);
  }

  /** Removes it unless somebody else's containers are still in it. */
  async remove({ signal }: Cancellable): Promise<void> {
    try {
      const found = await this.#find(signal);
      if (found === undefined || !this.#isOurs(found)) return;
      await unlessMissing(this.#client.send({ method: 'DELETE', path: `/networks/${found.Id}`, signal }));
    } catch (error) {
      const inUse = error instanceof EngineRefusal && /active endpoints/i.test(error.message);
      if (!inUse) throw engineFailed(this.#client.address, `remove the network ${this.name}`, error);
    }
  }

  async #find(signal: AbortSignal | undefined): Promise<InspectedNetwork | undefined> {
    return await this.#client.find({ method: 'GET', path: `/networks/${this.name}`, signal }, inspectedNetwork);
  }

  #isOurs({ Labels }: InspectedNetwork): boolean {
    return Object.entries(scopeLabels(this.#scope, 'network')).every(([name, value]) => Labels?.[name] === value);
  }

  #checked(network: InspectedNetwork): FoundNetwork {
    if (!this.#isOurs(network)) throw this.#unfit('it was made for something else');
    const [config] = network.IPAM.Config ?? [];
    const text = config?.Subnet ?? '';
    if (this.#wanted !== undefined && this.#wanted !== text) {
      throw this.#unfit(`it has the subnet ${text}, and ${this.#wanted} is wanted: shut the environment down first`);
    }
    const subnet = parseSubnet(text);
    const plan = subnet && planNetwork(subnet);
    if (subnet === undefined || plan === undefined)
      throw this.#unfit(`expected a subnet of 16 IPv4 addresses or more, it has "${text}"`);
    return { ...plan, name: this.name, subnet, gateway: config?.Gateway ?? plan.gateway };
  }

  /**
   * Returns whether it may be there now: another deployer may have made the same network, or taken the subnet, after one had looked.
   */
  async #create(subnet: Subnet, signal: AbortSignal | undefined): Promise<boolean> {
    const plan = planNetwork(subnet);
    if (plan === undefined) throw this.#unfit(`${formatSubnet(subnet)} has fewer than 16 addresses`);
    const addresses = { Subnet: formatSubnet(subnet), Gateway: plan.gateway, IPRange: formatSubnet(plan.dynamic) };
    const json = {
      Name: this.name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: scopeLabels(this.#scope, 'network'),
      IPAM: { Config: [addresses] },
    };
    try {
      await this.#client.send({ method: 'POST', path: '/networks/create', json, signal });
      return true;
    } catch (error) {
      if (!(error instanceof EngineRefusal)) throw error;
      if (error.status === 409) return true;
      if (/overlap/i.test(error.message)) return false;
      throw error;
    }
  }

  #given(): Subnet | undefined {
    if (this.#wanted === undefined) return undefined;
    const subnet = parseSubnet(this.#wanted);
    if (subnet === undefined) throw this.#unfit(`expected a subnet such as 10.200.4.0/22, got ${this.#wanted}`);
    return subnet;
  }

  async #choose({
    preferred,
    refused,
    signal,
  }: EnsureOptions & { readonly refused: readonly Subnet[] }): Promise<Subnet> {
    const taken = [...(await this.#taken(signal)), ...refused];
    const before = parseSubnet(preferred ?? '');
    if (before !== undefined && !taken.some((other) => overlap(before, other))) return before;
    const free = freeSubnet(this.name, taken);
    if (free === undefined) throw this.#unfit('no subnet of 10.192.0.0/10 is free');
    return free;
  }

  async #taken(signal: AbortSignal | undefined): Promise<readonly Subnet[]> {
    const networks = await this.#client.read({ method: 'GET', path: '/networks', signal }, listedNetworks);
    const subnets = networks.flatMap(({ IPAM }) =>
      (IPAM.Config ?? []).flatMap(({ Subnet }) => parseSubnet(Subnet) ?? []),
    );
    if (!('socketPath' in this.#client.address.connection)) return subnets;
    const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
    return [...subnets, ...subnetsOfRoutes(routes)];
  }

  #unfit(problem: string): BlueGreenError {
    return networkUnfit(this.#client.address, this.name, problem);
  }
}
