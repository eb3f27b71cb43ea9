import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { Redacted } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { runWithSecrets } from '../../src/index.ts';

const fixture = fileURLToPath(new URL('../fixtures/run-with-secrets.ts', import.meta.url));
const node = process.execPath;
const canary = 'c@nary "1" é/ß';

interface Wanted {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly redactOutput?: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A process of its own that runs a command with secrets, in a session of its own: without a terminal. */
function start({ command = node, args = [], redactOutput = false, secrets = { TOKEN: canary } }: Wanted) {
  const wanted = JSON.stringify({ command, args, redactOutput, secrets });
  const parent = spawn(node, ['--conditions=@maestro/source', fixture, wanted], { detached: true });
  const output = Promise.all([text(parent.stdout), text(parent.stderr)]);
  return { parent, output, ended: once(parent, 'close') };
}

/** The same for one that goes on until it is told, and ends with the test. */
function startLasting(wanted: Wanted) {
  const run = JSON.stringify({ command: node, secrets: {}, ...wanted });
  const parent = spawn(node, ['--conditions=@maestro/source', fixture, run], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    endGroup(parent);
  });
  let seen = '';
  parent.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  const says = async (part: string) => {
    while (!seen.includes(part)) await once(parent.stdout, 'data');
  };
  return { parent, says, seen: () => seen, ended: once(parent, 'close') };
}

/** A command outlives a parent that is killed. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

const ignoring = (signals: readonly string[]) => `
  for (const signal of ${JSON.stringify(signals)}) process.on(signal, () => console.log('got ' + signal));
  process.stdin.on('data', () => process.exit(7));
  console.log('ready');
`;

describe('a command', () => {
  it('has its secrets in its environment and nowhere else', async () => {
    const print = 'console.log(JSON.stringify([process.env.TOKEN, process.argv, process.execArgv]))';
    const { output } = start({ args: ['-e', print] });
    const [stdout] = await output;
    expect(JSON.parse(stdout)).toEqual([canary, [node], ['-e', print]]);
  });

  it.runIf(process.platform === 'linux')('has no secret in its arguments as the system shows them', async () => {
    const args = ['-e', 'console.log(fs.readFileSync("/proc/self/cmdline", "utf8"))', 'last'];
    const { output } = start({ args, secrets: { TOKEN: 'canary' } });
    const [stdout] = await output;
    expect(stdout.split('\0').slice(1)).toEqual([...args, '\n']);
  });

  it('does not get what its parent asks AWS with', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-key');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { output } = start({ args: ['-e', 'console.log(JSON.stringify(process.env))'] });
    const [stdout] = await output;
    expect(stdout).not.toContain('canary-key');
    expect(JSON.parse(stdout)).toMatchObject({ AWS_REGION: 'eu-central-1', TOKEN: canary });
  });

  it('has the input and the outputs of its parent', async () => {
    const { parent, output } = start({ args: ['-e', 'process.stdin.pipe(process.stdout); console.error("aside")'] });
    parent.stdin.end('through');
    expect(await output).toEqual(['through', 'aside\n']);
  });

  it.each([0, 1, 3, 255])('ends with %i, and so does its parent', async (code) => {
    const { parent, ended } = start({ args: ['-e', `process.exit(${code})`] });
    await ended;
    expect(parent.exitCode).toBe(code);
  });

  it.each([
    ['SIGKILL', 137],
    ['SIGTERM', 143],
    ['SIGSEGV', 139],
  ])('that %s ends is told as %i', async (signal, code) => {
    const { parent, ended } = start({
      args: ['-e', `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1e6)`],
    });
    await ended;
    expect(parent.exitCode).toBe(code);
  });

  it('that is not there is told by name, and none of its arguments', async () => {
    const run = runWithSecrets({
      command: '/nowhere/canary-free',
      args: ['canary'],
      secrets: { A: new Redacted('canary') },
    });
    const error = await run.catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'SECRETS_COMMAND_NOT_STARTED',
      message: expect.stringContaining('no such') as string,
    });
    expect(inspect(error, { depth: 9 }).replaceAll('canary-free', '')).not.toContain('canary');
    await expect(runWithSecrets({ command: fixture, secrets: {} })).rejects.toMatchObject({
      code: 'SECRETS_COMMAND_NOT_STARTED',
      message: `cannot start ${fixture}: it may not be run`,
    });
  });

  it('whose variables are too long for the system is told so without them', async () => {
    const secrets = { A: new Redacted(`canary${'x'.repeat(200_000)}`) };
    const error = await runWithSecrets({ command: node, secrets }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'SECRETS_COMMAND_NOT_STARTED',
      message: expect.stringMatching(/longer than/) as string,
    });
    expect(inspect(error, { depth: 9 })).not.toContain('canary');
  });

  it('leaves no listener of signals behind', async () => {
    const count = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].map((signal) => process.listenerCount(signal));
    const before = count();
    expect(await runWithSecrets({ command: node, args: ['-e', ''], secrets: {} })).toEqual({
      exitCode: 0,
      signal: null,
    });
    expect(count()).toEqual(before);
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s is passed on once, and the command decides',
    async (signal) => {
      const { parent, says, seen, ended } = startLasting({ args: ['-e', ignoring([signal])] });
      await says('ready');
      parent.kill(signal);
      await says(`got ${signal}`);
      parent.kill(signal);
      while (seen().split('got').length < 3) await once(parent.stdout, 'data');
      parent.stdin.write('enough');
      await ended;
      expect(seen()).toBe(`ready\ngot ${signal}\ngot ${signal}\n`);
      expect(parent.exitCode).toBe(7);
    },
  );

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s that the command dies of is told as %i', async (signal, code) => {
    const { parent, says, ended } = startLasting({ args: ['-e', 'console.log("ready"); setInterval(() => {}, 1e6)'] });
    await says('ready');
    parent.kill(signal);
    await ended;
    expect(parent.exitCode).toBe(code);
  });

  it.runIf(process.platform === 'linux')('of a terminal reach the command once', async () => {
    const run = JSON.stringify({ command: node, args: ['-e', ignoring(['SIGINT'])], secrets: {} });
    // `script` runs it on a terminal of its own, and passes on what is typed; a shell that stays would die of the signal.
    const line = [node, '--conditions=@maestro/source', fixture, run].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
    const terminal = spawn('script', ['--quiet', '--return', '--command', `exec ${line.join(' ')}`, '/dev/null']);
    onTestFinished(() => {
      terminal.kill('SIGKILL');
    });
    let seen = '';
    terminal.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
    const says = async (part: string) => {
      while (!seen.includes(part)) await once(terminal.stdout, 'data');
    };
    const ended = once(terminal, 'close');
    await says('ready');
    terminal.stdin.write('\u0003');
    await says('got SIGINT');
    terminal.stdin.write('\u0003');
    while (seen.split('got').length < 3) await once(terminal.stdout, 'data');
    terminal.stdin.write('enough\n');
    await ended;
    expect(seen.split('got SIGINT')).toHaveLength(3);
    expect(terminal.exitCode).toBe(7);
  });

  it('an abort ends the command, and with SIGKILL one that does not end', async () => {
    const gentle = new AbortController();
    const reason = new Error('enough');
    const waiting = ['-e', 'setInterval(() => {}, 1e6)'];
    const ended = runWithSecrets({ command: node, args: waiting, secrets: {}, signal: gentle.signal });
    gentle.abort(reason);
    await expect(ended).rejects.toBe(reason);

    const clock = new ManualClock();
    const harsh = new AbortController();
    const folder = await mkdtemp(join(tmpdir(), 'maestro-run-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const ready = join(folder, 'ready');
    const stubborn = runWithSecrets({
      command: node,
      args: ['-e', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); fs.writeFileSync('${ready}', '')`],
      secrets: {},
      signal: harsh.signal,
      clock,
    });
    const over = vi.fn();
    stubborn.catch(over);
    while (!existsSync(ready)) await delay(10);
    harsh.abort(reason);
    await clock.advance(9_999);
    expect(over).not.toHaveBeenCalled();
    await clock.advance(1);
    await expect(stubborn).rejects.toBe(reason);
  });
});

describe('output that is redacted', () => {
  const printed = `
    const token = process.env.TOKEN;
    const spellings = [token, Buffer.from(token).toString('base64'), encodeURIComponent(token), JSON.stringify(token),
      Buffer.from('user:' + token + '@').toString('base64')];
    for (const [index, text] of spellings.entries()) {
      const bytes = Buffer.from('<' + text + '>\\n');
      const to = index % 2 === 0 ? process.stdout : process.stderr;
      for (let at = 0; at < bytes.length; at += 3) to.write(bytes.subarray(at, at + 3));
    }
    process.exitCode = 5;
  `;

  it('holds no secret, however it is spelled and wherever it is cut', async () => {
    const { parent, output, ended } = start({ args: ['-e', printed], redactOutput: true });
    const [stdout, stderr] = await output;
    await ended;
    expect(parent.exitCode).toBe(5);
    expect(stdout).toMatch(/^<\[redacted\]>\n<\[redacted\]>\n<dXNlcj.{0,2}\[redacted\].{0,4}>\n$/);
    expect(stderr).toBe('<[redacted]>\n<"[redacted]">\n');
  });

  it('is the same plain text otherwise, to its end and in its order', async () => {
    const { output } = start({
      args: ['-e', 'for (let i = 0; i < 20000; i += 1) console.log("line " + i)'],
      redactOutput: true,
    });
    const [stdout] = await output;
    expect(stdout).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(''));
  });

  it('that nobody reads any more ends the command, and not its parent in an error', async () => {
    const line = ['-e', 'process.stdout.on("error", () => process.exit(4)); setInterval(() => console.log("line"), 1)'];
    const { parent, says, ended } = startLasting({ args: line, redactOutput: true });
    await says('line');
    parent.stdout.destroy();
    await ended;
    expect(parent.exitCode).toBe(4);
  });
});
