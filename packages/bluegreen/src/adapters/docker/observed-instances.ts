import { endedWith } from '../../ended-with.ts';
import type { Instance, InstanceAddress } from '../../ports/runtime.ts';
import { slotName } from '../../slots.ts';
import { labels, placeName, slotOf } from './container-labels.ts';
import type { InspectedContainer } from './engine-answers.ts';

/** A container of a slot as it was found. */
export interface FoundReplica extends Pick<
  Instance,
  'configHash' | 'digest' | 'image' | 'release' | 'service' | 'slot'
> {
  readonly id: string;
  readonly replica: number;
  readonly replicas: number;
  readonly address: InstanceAddress;
  readonly state: Instance['state'];
  /** Whether it has a process, or may get one by itself. */
  readonly mayRun: boolean;
  /** Whether the engine starts it again, whatever it ended by. */
  readonly comesBack: boolean;
  readonly exit: string | null;
  readonly restarts: number;
  readonly imageHealth: Instance['imageHealth'];
  readonly startedAt: string;
}

/** Reads what a container says of itself; undefined where its labels are not whole, as of one that somebody else made. */
export function readReplica(container: InspectedContainer): FoundReplica | undefined {
  const of = container.Config.Labels ?? {};
  const slot = slotOf(of[labels.slot]);
  const service = of[labels.service];
  const address = readAddress(of[labels.address]);
  if (slot === undefined || service === undefined || address === undefined) return undefined;
  const { Id, Created, RestartCount, State } = container;
  const state = stateOf(container);
  const comesBack = container.HostConfig.RestartPolicy.Name === 'always';
  return {
    id: Id,
    service,
    slot,
    release: of[labels.release] ?? '',
    image: of[labels.image] ?? '',
    digest: of[labels.digest] ?? '',
    configHash: of[labels.config] ?? '',
    replica: Number(of[labels.replica] ?? 0),
    replicas: Number(of[labels.replicas] ?? 1),
    address,
    state,
    mayRun: State.Running || State.Restarting || comesBack,
    comesBack,
    exit: state === 'running' ? null : exitOf(container),
    restarts: RestartCount,
    imageHealth: healthOf(State.Health?.Status),
    // The time of one that was never started is the beginning of the calendar.
    startedAt: State.StartedAt.startsWith('0001-') ? Created : State.StartedAt,
  };
}

/** `10.200.4.2:8080` */
function readAddress(text: string | undefined): InstanceAddress | undefined {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(text ?? '') ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Where each container answers, by its place in the address book. */
export function addressesByPlace(
  containers: readonly { readonly Labels: Readonly<Record<string, string>> }[],
): ReadonlyMap<string, InstanceAddress> {
  const found = containers.flatMap(({ Labels: of }) => {
    const slot = slotOf(of[labels.slot]);
    const service = of[labels.service];
    const address = readAddress(of[labels.address]);
    if (slot === undefined || service === undefined || address === undefined) return [];
    return [[placeName({ service, slot, replica: Number(of[labels.replica] ?? 0) }), address] as const];
  });
  return new Map(found);
}

/** Joins the replicas of each slot to its instance: it runs while all of them do. */
export function instancesOf(replicas: readonly FoundReplica[]): readonly Instance[] {
  return [...new Set(replicas.map(slotName))].map((name) => {
    const found = replicas.filter((replica) => slotName(replica) === name);
    return instanceOf(found.sort((a, b) => a.replica - b.replica));
  });
}

function instanceOf(found: readonly FoundReplica[]): Instance {
  const [first] = found as readonly [FoundReplica, ...FoundReplica[]];
  const { service, slot, release, image, digest, configHash } = first;
  const healths = found.map(({ imageHealth }) => imageHealth);
  return {
    service,
    slot,
    release,
    image,
    digest,
    configHash,
    ...wholeState(found),
    addresses: found.map(({ address }) => address),
    restarts: found.reduce((sum, { restarts }) => sum + restarts, 0),
    imageHealth: (['unhealthy', 'starting', 'healthy'] as const).find((health) => healths.includes(health)) ?? null,
    startedAt:
      found
        .map(({ startedAt }) => startedAt)
        .sort()
        .at(-1) ?? first.startedAt,
  };
}

function wholeState(found: readonly FoundReplica[]): Pick<Instance, 'exit' | 'state'> {
  const [first] = found as readonly [FoundReplica, ...FoundReplica[]];
  const named = (replica: number, what: string) => (first.replicas === 1 ? what : `replica ${replica}: ${what}`);
  const ended = found.find(({ state }) => state === 'crashed') ?? found.find(({ state }) => state === 'stopped');
  if (ended !== undefined) return { state: ended.state, exit: named(ended.replica, ended.exit ?? 'ended') };
  const other = found.find(({ digest, configHash }) => digest !== first.digest || configHash !== first.configHash);
  if (other !== undefined) return { state: 'crashed', exit: named(other.replica, 'is of another release') };
  const missing = Array.from({ length: first.replicas }, (_, index) => index).find(
    (index) => !found.some(({ replica }) => replica === index),
  );
  if (missing !== undefined) return { state: 'crashed', exit: named(missing, 'is gone') };
  return { state: 'running', exit: null };
}

/**
 * The restart policy tells what was meant: `always` is to run, so that it can only have been stopped by hand; `unless-stopped` was
 * told to stop; `no` was not asked to run for good yet, and ended by itself.
 */
function stateOf({ State, HostConfig }: InspectedContainer): Instance['state'] {
  if (State.Paused) return 'stopped';
  if (State.Restarting) return 'crashed';
  if (State.Running) return 'running';
  if (State.Error !== '' || State.Status === 'created') return 'crashed';
  return HostConfig.RestartPolicy.Name === 'no' ? 'crashed' : 'stopped';
}

function exitOf({ State: { Status, Error: error, ExitCode, OOMKilled, Paused } }: InspectedContainer): string {
  if (Paused) return 'paused by hand';
  if (error !== '') return error;
  if (Status === 'created') return 'was never started';
  if (OOMKilled) return 'out of memory';
  return endedWith(ExitCode);
}

function healthOf(status: string | undefined): Instance['imageHealth'] {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : null;
}
