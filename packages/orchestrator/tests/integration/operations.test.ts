import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type LogLine, openEnvironment, prometheusText } from '../../src/index.ts';
import { execElsewhere } from './exec-elsewhere.ts';
import { createProject, type Project, server } from './project.ts';

const deployMs = 60_000;

async function textsOf(lines: AsyncIterable<LogLine>, count = Infinity): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { text } of lines) {
    found.push(text);
    if (found.length >= count) break;
  }
  return found;
}

describe('what operators do with processes', () => {
  let project: Project;
  beforeAll(async () => {
    project = await createProject();
    const talkative = server.replace('server.listen', 'console.log("begun with", process.env.TOKEN);\nserver.listen');
    await project.commit({ 'services/api/server.mjs': talkative });
    await project.environment.deploy();
  }, deployMs);
  afterAll(() => project[Symbol.asyncDispose]());

  it('shows the log of what is live, without the secrets that it prints', async () => {
    const { environment } = project;
    const logs = await environment.logs({ service: 'api' });
    expect(logs).toMatchObject({ service: 'api', slot: 'blue' });
    expect(await textsOf(logs.lines)).toEqual(['begun with [redacted]']);
    const last = await environment.logs({ service: 'api', slot: 'blue', tail: 0 });
    expect(await textsOf(last.lines)).toEqual([]);
  });

  it('follows a log until nobody reads any more', async () => {
    const { lines } = await project.environment.logs({ service: 'api', follow: true });
    expect(await textsOf(lines, 1)).toEqual(['begun with [redacted]']);
  });

  it('says what it cannot show', async () => {
    const { environment } = project;
    await expect(environment.logs({ service: 'apj' })).rejects.toMatchObject({ code: 'REGISTRY_UNKNOWN_SERVICE' });
    await expect(environment.logs({ service: 'api', slot: 'green' })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_NOT_RUNNING',
    });
    const since = await environment.logs({ service: 'api', sinceMs: 0 });
    await expect(textsOf(since.lines)).rejects.toMatchObject({ code: 'BLUEGREEN_LOGS_UNTIMED' });
  });

  it('withholds the log where the secrets cannot be had, unless they may be seen', async () => {
    await using other = await openEnvironment({ config: project.config, environment: 'demo' });
    await project.write({ '.env': "OTHER='x'\n" });
    try {
      await expect(other.logs({ service: 'api' })).rejects.toMatchObject({
        code: 'ORCHESTRATOR_LOG_WITHHELD',
        message: expect.stringContaining('TOKEN') as string,
      });
      const logs = await other.logs({ service: 'api', unredacted: true });
      expect(await textsOf(logs.lines)).toEqual(['begun with s3cret-canary']);
    } finally {
      await project.write({ '.env': "TOKEN='s3cret-canary'\n" });
    }
  });

  it('runs a program where the service runs, with its variables and secrets', async () => {
    const print =
      'const { MAESTRO_SERVICE, MAESTRO_SLOT, TOKEN, API_URL, PORT } = process.env;' +
      'console.log(JSON.stringify([MAESTRO_SERVICE, MAESTRO_SLOT, TOKEN.length, API_URL ?? null, PORT > 0]));' +
      'const { readFileSync } = require("node:fs");' +
      'console.log(readFileSync("version", "utf8"), readFileSync(0, "utf8")); process.exit(5);';
    const command = ['node', '-e', print];
    const { exitCode, stdout } = await execElsewhere(project.config, 'api', { command, input: 'typed' });
    expect(exitCode).toBe(5);
    expect(stdout).toBe('["api","blue",13,null,true]\n1 typed\nblue\n');
  });

  it('shows where requests go', async () => {
    const { url } = await project.environment.status();
    const view = await project.environment.proxy.show();
    expect(view).toMatchObject({ environment: 'demo', url, generation: { number: 1 } });
    expect(view.services).toMatchObject([
      {
        name: 'api',
        route: { host: null, path: '/api' },
        slots: [{ slot: 'blue', percent: 100, state: 'running' }, {}],
      },
      { name: 'web', route: { host: null, path: '/' }, slots: [{}, { slot: 'green', percent: 0, state: null }] },
    ]);
    expect(view.services[0]?.slots[0]?.addresses).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(view.services[0]?.internalUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('tells what is to be watched', async () => {
    const text = prometheusText(await project.environment.metrics());
    const value = (name: string) => new RegExp(`^${name}\\{environment="demo".*\\} (.*)$`, 'm').exec(text)?.[1];
    expect(value('maestro_generation')).toBe('1');
    expect(text).toContain('maestro_instance_healthy{environment="demo",service="api",slot="blue",role="live"} 1\n');
    expect(text).toContain('maestro_releases{environment="demo",outcome="deployed"} 1\n');
    expect(Number(value('maestro_last_release_switch_seconds'))).toBeGreaterThan(0);
    expect(value('maestro_lock_held')).toBe('0');
    expect(value('maestro_release_interrupted')).toBe('0');
  });

  it('records which plan a release carried out, from which commits, and how it switched', async () => {
    const [release] = await project.environment.history();
    const { stdout: head } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: project.folder });
    expect(release).toMatchObject({
      planHash: expect.stringMatching(/^sha256:[\da-f]{64}$/) as string,
      switchMs: expect.any(Number) as number,
      unjudged: [],
      services: [{ name: 'api', revision: head.trim() }, { name: 'web' }],
    });
  });

  it('takes the lock away from a deployer at work, who then switches nothing', { timeout: deployMs }, async () => {
    const { environment } = project;
    expect(await environment.lock.status()).toBeNull();
    expect(await environment.lock.release()).toBeNull();
    const slow = server.replace(/^server\.listen.*$/m, (line) => `setTimeout(() => { ${line} }, 1000);`);
    await project.commit({ 'services/api/server.mjs': slow });
    const before = await environment.proxy.show();
    const taking: Promise<unknown>[] = [];
    const deploying = environment.deploy({
      onEvent: (event) => {
        if (event.type !== 'step-started' || event.step.kind !== 'probe') return;
        taking.push(
          (async () => {
            const seen = await environment.lock.status();
            await expect(environment.lock.release()).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCKED' });
            return [seen, await environment.lock.release({ living: true })];
          })(),
        );
      },
    });
    await expect(deploying).rejects.toMatchObject({ code: 'ORCHESTRATOR_LOCK_LOST' });
    const held = { state: 'held', purpose: expect.stringMatching(/^deploy /) as string };
    expect((await taking[0]) as unknown[]).toMatchObject([held, held]);
    expect((await environment.proxy.show()).generation).toEqual(before.generation);
    expect((await environment.status()).interrupted).toMatchObject({ switched: false });
    expect(await environment.abort()).toMatchObject({ outcome: 'aborted' });
    expect(await environment.lock.status()).toBeNull();
  });
});
