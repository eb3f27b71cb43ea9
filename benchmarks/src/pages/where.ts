import type { Machine } from '../machine.ts';

/** The machine, as one line. */
export function machineText({ platform, arch, cores, cpu, memoryBytes, node }: Machine): string {
  return `${platform} ${arch}, ${cores} x ${cpu}, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, Node ${node}`;
}

/** Which sources: the commit, and whether files differed from it. */
export function sourcesText({ commit, dirty }: Machine): string {
  if (commit === null) return 'sources without a commit';
  const differed = {
    true: ' **with files that differed from it**',
    false: '',
    null: ', whether files differed from it is not known',
  }[String(dirty) as 'true' | 'false' | 'null'];
  return `commit \`${commit.slice(0, 9)}\`${differed}`;
}

/** How busy the machine was before. */
export function loadText({ load, cores }: Machine): string {
  if (load === null) return 'the load of the machine before is not known';
  const busy = load > cores / 2 ? ': **a busy machine**' : '';
  return `load before: ${load.toFixed(1)} on ${cores} cores${busy}`;
}

/** `2026-11-27 00:31 UTC` */
export function timeText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** `8 min 3 s` */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
