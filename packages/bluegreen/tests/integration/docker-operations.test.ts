import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { beforeAll, expect, it } from 'vitest';

import { describeWith } from '@maestro/services/vitest';

import type { ExecRequest } from '../../src/ports/instance-exec.ts';
import type { LogLine } from '../../src/ports/instance-logs.ts';
import { askEngine, buildServiceImage, containerSpec, DockerEnvironment, imageMs } from './docker-environment.ts';
import { ask, until } from './environment.ts';

const blue = { service: 'api', slot: 'blue' } as const;
const timeout = 120_000;

class SizedOutput extends PassThrough {
  readonly columns = 123;
  readonly rows = 45;
}

describeWith('what operators do with containers', ['docker'], (parts) => {
  let image = '';
  beforeAll(async () => {
    image = await buildServiceImage(parts().docker);
  }, imageMs);

  async function started(options: { readonly replicas?: number } = {}) {
    const environment = await DockerEnvironment.open(parts().docker, image);
    await environment.containers.runtime.start(containerSpec(blue, options));
    const url = await environment.url(blue);
    await until(() =>
      ask(`${url}/health`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    const print = (line: string) => ask(`${url}/print?line=${encodeURIComponent(line)}`);
    return { environment, print };
  }

  async function all(lines: AsyncIterable<LogLine>): Promise<readonly LogLine[]> {
    const found: LogLine[] = [];
    for await (const line of lines) found.push(line);
    return found;
  }

  it('reads the lines of all copies in order, the last ones, and those since a time', { timeout }, async () => {
    const { environment, print } = await started({ replicas: 2 });
    await using _ = environment;
    const { logs } = environment.containers;
    await until(async () => (await all(logs.read(blue))).length === 2);
    const begun = await all(logs.read(blue));
    expect(begun.map(({ replica }) => replica).toSorted()).toEqual([0, 1]);
    expect(begun.map(({ text: line }) => line)).toEqual(['blue listens', 'blue listens']);
    for (const line of ['one', 'two', 'thrée']) await print(line);
    await until(async () => (await all(logs.read(blue))).length === 5);
    const last = await all(logs.read({ ...blue, tail: 2 }));
    expect(last.map(({ text: line }) => line)).toEqual(['two', 'thrée']);
    const [two] = last;
    const sinceMs = Date.parse(two?.at ?? '');
    expect((await all(logs.read({ ...blue, sinceMs }))).map(({ text: line }) => line)).toEqual(['two', 'thrée']);
    expect(await all(logs.read({ ...blue, slot: 'green' }))).toEqual([]);
  });

  it('follows what is printed through a restart, and ends with the instance', { timeout }, async () => {
    const { environment, print } = await started();
    await using _ = environment;
    const { logs, runtime } = environment.containers;
    const seen: string[] = [];
    const following = (async () => {
      for await (const { text: line } of logs.read({ ...blue, tail: 0, follow: true })) seen.push(line);
    })();
    await until(async () => {
      await print('while it is followed');
      return seen.includes('while it is followed');
    });
    await runtime.keepRunning(blue);
    await askEngine(parts().docker, 'POST', `/containers/${environment.name('api', 'blue')}/restart?t=5`);
    await until(() => Promise.resolve(seen.includes('blue listens')));
    await runtime.stop({ ...blue, timeoutMs: 5_000 });
    await following;
    expect(seen.filter((line) => line === 'blue listens')).toHaveLength(1);
  });

  it('leaves no connection behind when reading stops, or its signal aborts', { timeout }, async () => {
    const { environment } = await started();
    await using _ = environment;
    const { logs } = environment.containers;
    for await (const { text: line } of logs.read({ ...blue, follow: true })) {
      expect(line).toBe('blue listens');
      break;
    }
    const stop = new AbortController();
    const following = all(logs.read({ ...blue, follow: true, signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(following).rejects.toThrow('enough');
  });

  function request(command: readonly string[], changes: Partial<ExecRequest> = {}) {
    const stdin = new PassThrough();
    const stdout = new SizedOutput();
    const stderr = new PassThrough();
    const asked: ExecRequest = { ...blue, replica: 0, command, tty: false, stdin, stdout, stderr, ...changes };
    const printed = async () => {
      stdout.end();
      stderr.end();
      return { stdout: await text(stdout), stderr: await text(stderr) };
    };
    return { asked, stdin, stdout, printed };
  }

  it('runs a program with its input, both outputs and exit code', { timeout }, async () => {
    const { environment } = await started();
    await using _ = environment;
    const { exec } = environment.containers;
    const { asked, stdin, printed } = request(['sh', '-c', 'echo "$MAESTRO_TEST$(cat)"; echo wrong >&2; exit 7']);
    stdin.end('what was typed');
    expect(await exec(asked)).toEqual({ exitCode: 7 });
    expect(await printed()).toEqual({ stdout: 'what was typed\n', stderr: 'wrong\n' });

    const long = request(['sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x'], { stdin: null });
    const reading = text(long.stdout);
    expect(await exec(long.asked)).toEqual({ exitCode: 0 });
    long.stdout.end();
    expect((await reading).length).toBe(300_000);
  });

  it('gives a program a terminal of the size of its output', { timeout }, async () => {
    const { environment } = await started();
    await using _ = environment;
    // Its size is told to it after it was started.
    const program = 'until [ "$(stty size)" = "45 123" ]; do sleep 0.05; done; read line; test -t 0 && echo "<$line>"';
    const { asked, stdin, printed } = request(['sh', '-c', program], { tty: true });
    const running = environment.containers.exec(asked);
    stdin.write('typed\n');
    expect(await running).toEqual({ exitCode: 0 });
    const { stdout, stderr } = await printed();
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/<typed>\r\n$/) as string, stderr: '' });
  });

  it('says what cannot be run, and where nothing runs', { timeout }, async () => {
    const { environment } = await started();
    await using _ = environment;
    const { exec } = environment.containers;
    const missing = request(['no-such-program'], { stdin: null });
    expect((await exec(missing.asked)).exitCode).toBeGreaterThanOrEqual(126);
    const empty = request(['true'], { slot: 'green', stdin: null });
    await expect(exec(empty.asked)).rejects.toMatchObject({ code: 'BLUEGREEN_SLOT_EMPTY' });
    const stop = new AbortController();
    const endless = request(['sleep', '60'], { signal: stop.signal });
    const running = exec(endless.asked);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});
