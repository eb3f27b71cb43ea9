import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import type { ProgramPaths } from '../../part.ts';
import { enginesHere } from './engines-here.ts';
import { rulesToRestore } from './packet-rules.ts';

/** What an engine changes outside of its folder, as it was before. */
export type HostState = z.infer<typeof hostState>;

const hostState = z.object({
  ipForward: z.string(),
  links: z.array(z.string()),
  paths: z.array(z.string()),
  rules: z.object({ iptables: z.string(), ip6tables: z.string() }),
});

export interface RestoreOptions {
  readonly programs: ProgramPaths;
  /** Of the engine's networks. */
  readonly bridges: readonly string[];
}

const ipForwardFile = '/proc/sys/net/ipv4/ip_forward';
const families = ['iptables', 'ip6tables'] as const;
/** Innermost first. Engines older than 25 make the key, which nothing uses any more. */
const folders = ['/run/docker/plugins', '/run/docker', '/run/containerd/s', '/run/containerd'];
const key = '/etc/docker/key.json';

export async function recordHostState(folder: string, programs: ProgramPaths): Promise<void> {
  const state: HostState = {
    ipForward: await readFile(ipForwardFile, 'utf8'),
    links: [...(await links())],
    paths: [...folders, key].filter((path) => existsSync(path)),
    rules: { iptables: await rules('iptables', programs), ip6tables: await rules('ip6tables', programs) },
  };
  await writeFileDurably(stateFile(folder), JSON.stringify(state));
}

/** Undefined where none was recorded, and thus no engine started. */
export async function readHostState(folder: string): Promise<HostState | undefined> {
  if (!existsSync(stateFile(folder))) return undefined;
  return hostState.parse(JSON.parse(await readFile(stateFile(folder), 'utf8')));
}

/**
 * Takes away what the engine added, after its end; what was there before and what others added meanwhile stays, and where
 * another engine was started in the meantime also what engines have in common.
 */
export async function restoreHostState(before: HostState, { programs, ...options }: RestoreOptions): Promise<void> {
  const keepCommon = (await enginesHere()).length > 0;
  const common = keepCommon ? ['docker0'] : [];
  const bridges = options.bridges.filter((bridge) => ![...before.links, ...common].includes(bridge));
  for (const family of families) {
    const now = await rules(family, programs);
    const restoring = rulesToRestore({ before: before.rules[family], now, bridges, keepCommon });
    if (restoring !== '') await restoreRules(family, programs, restoring);
  }
  const present = await links();
  for (const bridge of bridges.filter((name) => present.has(name))) await removeBridge(bridge, programs);
  if (keepCommon) return;
  if ((await readFile(ipForwardFile, 'utf8')) !== before.ipForward) await writeFile(ipForwardFile, before.ipForward);
  if (!before.paths.includes(key)) await rm(key, { force: true });
  // A program that is no engine may keep something in them by now.
  for (const path of folders) if (!before.paths.includes(path)) await rmdir(path).catch(() => undefined);
}

/** With the containers' links in it, which the kernel else removes some time after the containers. */
async function removeBridge(bridge: string, { ip = '' }: ProgramPaths): Promise<void> {
  const { stdout } = await promisify(execFile)(ip, ['-json', 'link', 'show', 'master', bridge]);
  const ports = z.array(z.object({ ifname: z.string().optional() })).parse(JSON.parse(stdout || '[]'));
  for (const { ifname } of ports) {
    if (ifname !== undefined) await promisify(execFile)(ip, ['link', 'delete', ifname]).catch(() => undefined);
  }
  await promisify(execFile)(ip, ['link', 'delete', bridge]);
}

/** Of this process's network namespace, which /sys need not show. */
async function links(): Promise<ReadonlySet<string>> {
  const table = await readFile('/proc/self/net/dev', 'utf8');
  return new Set(Array.from(table.matchAll(/^\s*(\S+?):/gm), ([, name = '']) => name));
}

/** Empty where the kernel knows no such family. */
async function rules(family: (typeof families)[number], programs: ProgramPaths): Promise<string> {
  const { stdout } = await promisify(execFile)(programs[`${family}-save`] ?? '', { maxBuffer: 2 ** 26 }).catch(() => ({
    stdout: '',
  }));
  return stdout;
}

async function restoreRules(family: (typeof families)[number], programs: ProgramPaths, lines: string): Promise<void> {
  const restoring = promisify(execFile)(programs[`${family}-restore`] ?? '', ['--noflush', '--wait', '10']);
  restoring.child.stdin?.end(lines);
  await restoring;
}

function stateFile(folder: string): string {
  return join(folder, 'host-before.json');
}
