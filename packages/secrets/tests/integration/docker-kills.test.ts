import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { isMaestroError, Redacted, systemClock } from '@maestro/core';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { engineAddress } from '../../src/adapters/docker/engine-address.ts';
import { EngineClient } from '../../src/adapters/docker/engine-client.ts';
import { type ContainerSecrets, openContainerSecrets } from '../../src/docker.ts';
import { owner } from './docker-apps.ts';
import { type Cut, DockerFront } from './docker-front.ts';

const redacted = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Redacted(value)]));

// Large enough for the engine to have unpacked some of it when it breaks off.
const padding = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`PADDING_${at}`, 'x'.repeat(8_000)]));
const one = redacted({ TOKEN: 'one', ...padding });
const other = redacted({ TOKEN: 'two', MORE: 'more', ...padding });
const place = { service: 'api', slot: 'blue' };

/** Each was looked at after the cut, and after it was done again. */
function recordCuts(cuts: number): void {
  recordFaults({
    promised: 'nothing is torn or lost',
    fault: 'connection to the engine cut while secrets are brought into it',
    times: cuts,
    checked: { volumes: 2 * cuts },
    wrong: { 'volumes filled in part': 0 },
  });
}

describeWith('bringing secrets into an engine, cut off', ['docker'], (parts) => {
  const open = (environment: string, engine = parts().docker.address) =>
    openContainerSecrets({ engine, project: parts().docker.suite, environment, deadlineMs: 20_000 });

  /** How many requests a whole injection is. */
  async function requestsOf(environment: string, secrets: typeof one): Promise<readonly string[]> {
    await using front = await DockerFront.open(parts().docker);
    await open(environment, front.address).inject({ ...place, owner, secrets });
    return front.requests;
  }

  const cutsOf = (requests: readonly string[]) =>
    requests.flatMap((request, index) => {
      const kinds: readonly Cut[] = request.startsWith('PUT') ? ['before', 'half', 'after'] : ['before', 'after'];
      return kinds.map((how) => ({ at: index + 1, how, request }));
    });

  /** Waiting for the keeper takes now more and now fewer requests: what was done before the cut has succeeded. */
  async function injectCutOff(
    environment: string,
    secrets: typeof one,
    cut: { at: number; how: Cut },
  ): Promise<boolean> {
    await using front = await DockerFront.open({ engine: parts().docker.engine, cut });
    const injected = open(environment, front.address).inject({ ...place, owner, secrets });
    const error: unknown = await injected.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const isCut = front.requests.length >= cut.at;
    expect(isMaestroError(error, 'SECRETS_ENGINE_UNREACHABLE') && error.retryable).toBe(isCut);
    return isCut;
  }

  async function removeKeeperImages(): Promise<void> {
    const { address, suite } = parts().docker;
    const client = new EngineClient({ address: engineAddress(address), clock: systemClock });
    const query = { filters: JSON.stringify({ label: [`maestro.project=${suite}`] }) };
    const { body } = await client.ask({ method: 'GET', path: '/images/json', query });
    for (const { Id } of JSON.parse(body.toString()) as readonly { readonly Id: string }[]) {
      await client.find({ method: 'DELETE', path: `/images/${Id}`, query: { force: 'true' } });
    }
  }

  const stateOf = async (secrets: ContainerSecrets, values: typeof one) =>
    (await secrets.verify({ ...place, secrets: values })).state;

  it('fills an empty volume wholly or not at all, whatever request is the last', { timeout: 180_000 }, async () => {
    const secrets = open('fresh');
    const cuts = cutsOf(await requestsOf('fresh', one));
    let cutOff = 0;
    for (const cut of cuts) {
      await secrets.remove(place);
      await removeKeeperImages();
      if (await injectCutOff('fresh', one, cut)) cutOff += 1;
      expect(['absent', 'keeper-stopped', 'empty', 'current'], JSON.stringify(cut)).toContain(
        await stateOf(secrets, one),
      );
      await secrets.inject({ ...place, owner, secrets: one });
      expect(await stateOf(secrets, one), JSON.stringify(cut)).toBe('current');
    }
    recordCuts(cutOff);
    expect(cutOff).toBeGreaterThan(20);
  });

  it('replaces what there is wholly or not at all, whatever request is the last', { timeout: 180_000 }, async () => {
    const secrets = open('rotated');
    await secrets.inject({ ...place, owner, secrets: one });
    let cutOff = 0;
    for (const cut of cutsOf(await requestsOf('rotated', other))) {
      await secrets.inject({ ...place, owner, secrets: one });
      if (await injectCutOff('rotated', other, cut)) cutOff += 1;
      const states = [await stateOf(secrets, one), await stateOf(secrets, other)].sort();
      expect(states, JSON.stringify(cut)).toEqual(['current', 'different']);
      await secrets.inject({ ...place, owner, secrets: other });
      expect(await stateOf(secrets, other), JSON.stringify(cut)).toBe('current');
    }
    recordCuts(cutOff);
    expect(cutOff).toBeGreaterThan(10);
  });

  it('goes on after the process that wrote was killed in the middle of it', async () => {
    const secrets = open('killed');
    await secrets.inject({ ...place, owner, secrets: one });
    const at = (await requestsOf('killed', other)).findIndex((request) => request.startsWith('PUT')) + 1;
    await secrets.inject({ ...place, owner, secrets: one });

    const onCut = async () => {
      child.kill('SIGKILL');
      await exit;
    };
    await using front = await DockerFront.open({ engine: parts().docker.engine, cut: { at, how: 'half' }, onCut });
    const docker = new URL('../../src/docker.ts', import.meta.url).href;
    const script = `
      const { Redacted } = await import('@maestro/core');
      const { openContainerSecrets } = await import(${JSON.stringify(docker)});
      const values = ${JSON.stringify({ TOKEN: 'two', MORE: 'more', ...padding })};
      const secrets = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Redacted(value)]));
      const opened = openContainerSecrets(${JSON.stringify({ engine: front.address, project: parts().docker.suite, environment: 'killed' })});
      await opened.inject({ ...${JSON.stringify({ ...place, owner })}, secrets });
    `;
    const node = ['--conditions=@maestro/source', '--input-type=module', '-'];
    const child = spawn(process.execPath, node, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.end(script);
    const exit = once(child, 'exit');
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(await stateOf(secrets, one)).toBe('current');
    await secrets.inject({ ...place, owner, secrets: other });
    expect(await stateOf(secrets, other)).toBe('current');
  });

  it('says who does not answer', async () => {
    const gone = open('gone', 'tcp://127.0.0.1:9');
    await expect(gone.list()).rejects.toMatchObject({ code: 'SECRETS_ENGINE_UNREACHABLE', retryable: true });
  });
});
