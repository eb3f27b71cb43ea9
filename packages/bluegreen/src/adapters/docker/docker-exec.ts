import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';

import { isMaestroError } from '@maestro/core';

import { slotEmpty } from '../../errors.ts';
import type { ExecInInstance, ExecRequest, ExecStreams } from '../../ports/instance-exec.ts';
import { slotName } from '../../slots.ts';
import { labels } from './container-labels.ts';
import { createdContainer, inspectedExec } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineContainers } from './engine-containers.ts';
import { EngineRefusal } from './engine-refusal.ts';
import type { EngineStreams } from './engine-stream.ts';
import { engineFailed, engineUnreachable } from './errors.ts';
import { outputPieces } from './output-pieces.ts';

export interface DockerExecOptions {
  readonly client: EngineClient;
  readonly streams: EngineStreams;
  readonly containers: EngineContainers;
}

const errorOutput = 2;

/** Runs programs in the containers of instances, as the user and with the variables that these have. */
export function dockerExec(options: DockerExecOptions): ExecInInstance {
  return async (request) => {
    const { client } = options;
    try {
      return await run(options, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isMaestroError(error)) throw error;
      if (!(error instanceof EngineRefusal)) throw engineUnreachable(client.address, error);
      throw engineFailed(client.address, `run a program in ${slotName(request)}`, error);
    }
  };
}

async function run({ client, streams, containers }: DockerExecOptions, request: ExecRequest) {
  const { command, tty, stdin, stdout, signal } = request;
  const container = await containerOf(containers, request);
  const attached = { AttachStdin: stdin !== null, AttachStdout: true, AttachStderr: true };
  const json = { Cmd: command, ...attached, Tty: tty };
  const made = { method: 'POST', path: `/containers/${container}/exec`, json, signal } as const;
  const { Id } = await client.read(made, createdContainer);
  const begin = { method: 'POST', path: `/exec/${Id}/start`, json: { Detach: false, Tty: tty }, signal } as const;
  const connection = await streams.takeOver(begin);
  const resize = async () => {
    const query = { h: stdout.rows ?? 24, w: stdout.columns ?? 80 };
    await client.send({ method: 'POST', path: `/exec/${Id}/resize`, query, signal }).catch(ignoreEnded);
  };
  await (tty ? asTerminal(connection, request, resize) : asPipes(connection, request));
  const { ExitCode } = await client.read({ method: 'GET', path: `/exec/${Id}/json`, signal }, inspectedExec);
  return { exitCode: ExitCode ?? 0 };
}

async function containerOf(containers: EngineContainers, request: ExecRequest): Promise<string> {
  const { service, slot, replica, signal } = request;
  const listed = await containers.list('instance', { key: { service, slot }, signal });
  const found = listed.find(({ State, Labels: of }) => {
    return State === 'running' && Number(of[labels.replica] ?? 0) === replica;
  });
  if (found === undefined)
    throw slotEmpty(replica === 0 ? slotName(request) : `${slotName(request)}, copy ${replica},`);
  return found.Id;
}

/** What is typed goes there key by key, Ctrl-C too; what comes is what the terminal shows. */
async function asTerminal(connection: Duplex, { stdin, stdout }: ExecRequest, resize: () => Promise<void>) {
  const onResize = () => void resize();
  stdin?.setRawMode?.(true);
  stdout.on('resize', onResize);
  const detach = sendInput(stdin, connection);
  try {
    await resize();
    for await (const chunk of connection as AsyncIterable<Buffer>) await write(stdout, chunk);
  } finally {
    detach();
    stdout.off('resize', onResize);
    stdin?.setRawMode?.(false);
  }
}

async function asPipes(connection: Duplex, { stdin, stdout, stderr }: ExecRequest) {
  const detach = sendInput(stdin, connection);
  try {
    for await (const { stream, content } of outputPieces(connection)) {
      await write(stream === errorOutput ? stderr : stdout, content);
    }
  } finally {
    detach();
  }
}

/** The end of the input is passed on, too; an input that is still read from would keep the process alive. */
function sendInput(stdin: ExecStreams['stdin'], connection: Duplex): () => void {
  if (stdin === null) return () => undefined;
  stdin.pipe(connection);
  // Of a program that has ended: the answer says how.
  connection.on('error', () => undefined);
  return () => {
    stdin.unpipe(connection);
    stdin.pause();
  };
}

async function write(to: Writable, chunk: Buffer): Promise<void> {
  if (!to.write(chunk)) await once(to, 'drain');
}

function ignoreEnded(error: unknown): void {
  // A program may end before it is told how large its terminal is.
  if (!(error instanceof EngineRefusal)) throw error;
}
