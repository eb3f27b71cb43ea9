import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { SharedPart, StartedServer, StartOptions } from '../part.ts';
import { freePort, spawnServer } from '../server-process.ts';
import { programVersion } from './program-version.ts';

/** An AWS account of the suite's own: nothing that another suite made is in it. */
export interface AwsSuite extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

const region = 'eu-central-1';

/**
 * The AWS API as moto imitates it, in memory. It keeps accounts apart by the credentials that its STS hands out, so a
 * suite needs no cleaning up.
 */
export const aws: SharedPart<AwsSuite> = {
  kind: 'shared',
  name: 'aws',
  title: 'AWS (moto)',
  variable: 'MAESTRO_TEST_AWS',
  programs: [{ name: 'moto_server' }],
  version: ({ moto_server: program = '' }) => versionOf(program),
  debianPackages: [],
  elsewhere: "pip install 'moto[server]'",
  server: { start, ask },
  openSuite,
  removeSuites: () => Promise.resolve(),
};

async function start({ programs, folder }: StartOptions): Promise<StartedServer> {
  const port = await freePort();
  const args = ['-H', '127.0.0.1', '-p', String(port)];
  const server = await spawnServer({ program: programs.moto_server ?? '', args, folder });
  return { address: `http://127.0.0.1:${port}`, processes: [server] };
}

async function ask(address: string, signal: AbortSignal): Promise<null> {
  // Something that only moto answers; its version it does not tell.
  const response = await fetch(`${address}/moto-api/data.json`, { signal });
  await response.json();
  return null;
}

async function openSuite({ address, suite }: { readonly address: string; readonly suite: string }): Promise<AwsSuite> {
  const response = await fetch(address, {
    method: 'POST',
    // Read for the service it names, not verified.
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=suite/20260101/${region}/sts/aws4_request` },
    body: new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: `arn:aws:iam::${accountOf(suite)}:role/suite`,
      RoleSessionName: suite,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.text();
  const field = (name: string) => new RegExp(`<${name}>([^<]+)<`).exec(answer)?.[1] ?? '';
  return {
    endpoint: address,
    region,
    credentials: {
      accessKeyId: field('AccessKeyId'),
      secretAccessKey: field('SecretAccessKey'),
      sessionToken: field('SessionToken'),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Twelve digits, another account for another suite. */
function accountOf(suite: string): string {
  return String(BigInt(`0x${suite.replace(/^mt/, '')}`) % 10n ** 12n).padStart(12, '0');
}

/** The package's version, as the Python that runs the program knows it. */
async function versionOf(program: string): Promise<string> {
  const python = join(dirname(program), 'python3');
  return await programVersion(existsSync(python) ? python : 'python3', [
    '-c',
    'import importlib.metadata; print(importlib.metadata.version("moto"))',
  ]);
}
