import assert from 'node:assert/strict';

import { poll, Redacted, systemClock } from '@maestro/core';
import type { ContractCase } from '@maestro/core/testing';

import type { Instance, InstanceKey, InstanceSpec, Runtime } from '../ports/runtime.ts';

/** A runtime of a test's own that runs nothing yet, and ways to do what a runtime itself does not. */
export interface RuntimeSubject extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Runs until it is told to end. */
  readonly command: readonly string[];
  /** Cannot be started. */
  readonly brokenCommand: readonly string[];
  /** Sends traffic to a slot. */
  readonly makeLive: (key: InstanceKey) => Promise<void>;
  /** Makes a running instance end by itself with exit code 3. */
  readonly crash: (key: InstanceKey) => Promise<void>;
  /** Makes a running instance print a line. */
  readonly print: (key: InstanceKey, line: string) => Promise<void>;
}

type Promised = readonly [name: string, check: (subject: RuntimeSubject) => Promise<void>];

const blue: InstanceKey = { service: 'api', slot: 'blue' };
const green: InstanceKey = { service: 'api', slot: 'green' };
const timeoutMs = 5_000;

/** What every runtime promises; `create` opens a new one. */
export function runtimeContract(create: () => Promise<RuntimeSubject>): readonly ContractCase[] {
  return promises.map(([name, check]) => ({
    name,
    run: async () => {
      const subject = await create();
      try {
        await check(subject);
      } finally {
        await subject[Symbol.asyncDispose]();
      }
    },
  }));
}

const promises: readonly Promised[] = [
  [
    'observes nothing before anything was started',
    async ({ runtime }) => {
      assert.deepEqual(await runtime.observe(), []);
      assert.deepEqual(await runtime.logs({ ...blue, lines: 10 }), []);
    },
  ],
  [
    'observes what was started, with its labels and address',
    async (subject) => {
      const started = await subject.runtime.start(specOf(subject, blue));
      const { addresses, startedAt, ...rest } = started;
      const running = { state: 'running', restarts: 0, imageHealth: null, exit: null };
      assert.deepEqual(rest, { ...labels, ...blue, ...running });
      assert.equal(addresses.length, 1);
      assert.ok(addresses.every(({ host, port }) => port > 0 && host !== ''));
      assert.ok(!Number.isNaN(Date.parse(startedAt)));
      assert.deepEqual(await subject.runtime.observe(), [started]);
    },
  ],
  [
    'starts the same spec only once',
    async (subject) => {
      const spec = specOf(subject, blue);
      const [first, second] = await Promise.all([subject.runtime.start(spec), subject.runtime.start(spec)]);
      assert.deepEqual(second, first);
      assert.deepEqual(await subject.runtime.observe(), [first]);
    },
  ],
  [
    'refuses a slot in which something else runs',
    async (subject) => {
      const running = await subject.runtime.start(specOf(subject, blue));
      for (const other of [{ digest: 'sha256:other' }, { configHash: 'other' }]) {
        await assert.rejects(subject.runtime.start(specOf(subject, blue, other)), { code: 'BLUEGREEN_SLOT_BUSY' });
      }
      assert.deepEqual(await subject.runtime.observe(), [running]);
    },
  ],
  [
    'says what cannot be started, and keeps the slot free for something else',
    async (subject) => {
      const broken = specOf(subject, blue, { command: subject.brokenCommand });
      await assert.rejects(subject.runtime.start(broken), { code: 'BLUEGREEN_START_FAILED' });
      assert.notEqual((await find(subject, blue))?.state, 'running');
      await subject.runtime.start(specOf(subject, blue));
      assert.equal((await find(subject, blue))?.state, 'running');
    },
  ],
  [
    'runs both slots side by side, at addresses of their own',
    async (subject) => {
      const [one, two] = await Promise.all([
        subject.runtime.start(specOf(subject, blue)),
        subject.runtime.start(specOf(subject, green)),
      ]);
      assert.notDeepEqual(one.addresses, two.addresses);
      assert.equal((await subject.runtime.observe()).length, 2);
    },
  ],
  [
    'does not stop the slot that receives traffic',
    async (subject) => {
      const running = await subject.runtime.start(specOf(subject, blue));
      await subject.makeLive(blue);
      await assert.rejects(subject.runtime.stop({ ...blue, timeoutMs }), { code: 'BLUEGREEN_SLOT_LIVE' });
      assert.deepEqual(await subject.runtime.observe(), [running]);
    },
  ],
  [
    'stops an instance once, and remembers it',
    async (subject) => {
      await subject.runtime.start(specOf(subject, blue));
      await subject.runtime.stop({ ...blue, timeoutMs });
      const stopped = await find(subject, blue);
      assert.equal(stopped?.state, 'stopped');
      assert.notEqual(stopped.exit, null);
      await subject.runtime.stop({ ...blue, timeoutMs });
      assert.deepEqual(await subject.runtime.observe(), [stopped]);
    },
  ],
  [
    'has nothing to stop in an empty slot',
    async ({ runtime }) => {
      await runtime.stop({ ...blue, timeoutMs });
      assert.deepEqual(await runtime.observe(), []);
    },
  ],
  [
    'sees that an instance crashed, and how it ended',
    async (subject) => {
      await subject.runtime.start(specOf(subject, blue));
      await subject.crash(blue);
      const crashed = await eventually(subject, ({ state }) => state !== 'running');
      assert.equal(crashed.state, 'crashed');
      assert.match(crashed.exit ?? '', /\b3\b/);
    },
  ],
  [
    'starts anew in a slot whose instance crashed or was stopped',
    async (subject) => {
      await subject.runtime.start(specOf(subject, blue));
      await subject.crash(blue);
      await eventually(subject, ({ state }) => state === 'crashed');
      await subject.runtime.start(specOf(subject, blue, { release: 'second' }));
      await subject.runtime.stop({ ...blue, timeoutMs });
      await subject.runtime.start(specOf(subject, blue, { release: 'third' }));
      const { release, state, exit } = await eventually(subject, () => true);
      assert.deepEqual({ release, state, exit }, { release: 'third', state: 'running', exit: null });
    },
  ],
  [
    'starts an instance again that is kept running and ends by itself, and not one that was stopped',
    async (subject) => {
      const { runtime } = subject;
      await runtime.keepRunning(blue);
      assert.deepEqual(await runtime.observe(), []);
      await runtime.start(specOf(subject, blue));
      await runtime.keepRunning(blue);
      await subject.crash(blue);
      const again = await eventually(subject, ({ state, restarts }) => state === 'running' && restarts === 1);
      assert.equal(again.exit, null);
      await runtime.stop({ ...blue, timeoutMs });
      assert.equal((await find(subject, blue))?.state, 'stopped');
    },
  ],
  [
    'shows the last lines an instance printed, oldest first',
    async (subject) => {
      await subject.runtime.start(specOf(subject, blue));
      for (const line of ['one', 'two', 'three']) await subject.print(blue, line);
      const outcome = await poll({
        probe: () => subject.runtime.logs({ ...blue, lines: 2 }),
        accept: (lines) => lines.at(-1) === 'three',
        intervalMs: 10,
        deadlineMs: 10_000,
        clock: systemClock,
      });
      assert.deepEqual(outcome.value, ['two', 'three']);
      assert.deepEqual(await subject.runtime.logs({ ...green, lines: 2 }), []);
    },
  ],
];

const labels = { release: 'first', image: 'shop-api:demo-abc1234', digest: 'sha256:one', configHash: 'one' };

function specOf({ command }: RuntimeSubject, key: InstanceKey, overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    ...labels,
    ...key,
    command,
    environment: { VERSION: key.slot },
    secrets: { KEY: new Redacted('k') },
    ...overrides,
  };
}

async function find({ runtime }: RuntimeSubject, key: InstanceKey): Promise<Instance | undefined> {
  return (await runtime.observe()).find(({ service, slot }) => service === key.service && slot === key.slot);
}

/** The instance in blue, once it is as expected. */
async function eventually(subject: RuntimeSubject, expected: (instance: Instance) => boolean): Promise<Instance> {
  const outcome = await poll({
    probe: () => find(subject, blue),
    accept: (instance) => instance !== undefined && expected(instance),
    intervalMs: 10,
    deadlineMs: 10_000,
    clock: systemClock,
  });
  assert.ok(outcome.accepted && outcome.value !== undefined, `still ${JSON.stringify(outcome.value)}`);
  return outcome.value;
}
