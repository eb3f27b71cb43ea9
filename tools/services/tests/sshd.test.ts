import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { poll, processIdentity, systemClock } from '@maestro/core';
import { expect, it } from 'vitest';

import { hasServer } from '../src/part.ts';
import { sshd, type SshdSuite } from '../src/parts/sshd.ts';
import { partFolder, standingUser } from '../src/running-part.ts';
import { useServer } from '../src/shared-server.ts';
import { describeWith } from '../src/vitest.ts';
import { kill, openOwnSuite, ownServerContract, timeout } from './own-server-contract.ts';
import { ownState, silent } from './own-state.ts';

type Login = Omit<SshdSuite, 'user' | typeof Symbol.asyncDispose>;

describeWith('the OpenSSH server', ['sshd'], () => {
  ownServerContract({ part: sshd, serve: ({ port }) => Promise.resolve(port) });

  it('runs a command for who logs in with the key of the suite', async () => {
    const { suite } = await openOwnSuite(sshd);
    const { output, code } = await ssh(suite, 'id -un; exit 7').ended;
    expect({ output, code }).toEqual({ output: `${suite.user}\n`, code: 7 });
  });

  it('lets nobody in with another key, such as that of another suite', async () => {
    const [one, other] = [await openOwnSuite(sshd), await openOwnSuite(sshd)];
    const { errors, code } = await ssh({ ...one.suite, identityFile: other.suite.identityFile }, 'true').ended;
    expect(errors).toContain('Permission denied (publickey)');
    expect(code).toBe(255);
  });

  it('is known by its host key', async () => {
    const [one, other] = [await openOwnSuite(sshd), await openOwnSuite(sshd)];
    const { errors } = await ssh({ ...one.suite, knownHostsFile: other.suite.knownHostsFile }, 'true').ended;
    expect(errors).toContain('Host key verification failed');
  });

  it('ends logins with the suite, and what they left running', async () => {
    const { suite } = await openOwnSuite(sshd);
    const left = await ssh(suite, 'sleep 1000 >/dev/null 2>&1 & echo $!').ended;
    const login = ssh(suite, 'echo $$; exec sleep 1000');
    const { output } = await login.said;
    const idle = ssh(suite, '-N', ['PermitLocalCommand=yes', 'LocalCommand=echo logged in']);
    await idle.said;
    await suite[Symbol.asyncDispose]();
    expect((await idle.ended).errors).toContain('closed by remote host');
    expect((await login.ended).code).toBe(255);
    expect(await isGone(Number(left.output))).toBe(true);
    expect(await isGone(Number(output))).toBe(true);
  });

  it(
    'is started anew when it was killed, without what its logins run',
    async () => {
      if (!hasServer(sshd)) throw new Error('it has no server');
      const state = await ownState([sshd]);
      const use = { part: sshd, state, user: standingUser, say: silent };
      const first = await useServer(use);
      const { hostname, port } = new URL(first.address);
      const identityFile = join(partFolder(state, sshd.name), 'identity');
      const login = ssh(
        { host: hostname, port: Number(port), identityFile, knownHostsFile: '/dev/null' },
        'echo $$; exec sleep 1000',
        ['StrictHostKeyChecking=no'],
      );
      const { output } = await login.said;
      await kill(first.processes);
      await useServer(use);
      await login.ended;
      expect(await isGone(Number(output))).toBe(true);
    },
    timeout,
  );
});

/** Logs in to run a command. */
function ssh(login: Login, command: string, more: readonly string[] = []) {
  const { host, port, identityFile, knownHostsFile } = login;
  const own = [
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${knownHostsFile}`,
  ];
  // Of two settings of one option ssh takes the first.
  const flags = [...more, ...own].flatMap((option) => ['-o', option]);
  const client = spawn('ssh', ['-F', 'none', ...flags, '-p', String(port), '-i', identityFile, host, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const result = { output: '', errors: '', code: null as number | null };
  client.stdout.setEncoding('utf8').on('data', (text: string) => (result.output += text));
  client.stderr.setEncoding('utf8').on('data', (text: string) => (result.errors += text));
  client.on('exit', (code) => (result.code = code));
  return { said: once(client.stdout, 'data').then(() => result), ended: once(client, 'close').then(() => result) };
}

async function isGone(pid: number): Promise<boolean> {
  const { accepted } = await poll({
    probe: () => processIdentity(pid),
    accept: (identity) => identity === undefined,
    intervalMs: 20,
    deadlineMs: 5_000,
    clock: systemClock,
  });
  return accepted;
}
