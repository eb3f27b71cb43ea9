import type { Figure } from '../measure/figure.ts';
import type { MachineEvent, RunEvent, RunResult } from '../run-events.ts';
import { short, withSpread } from './numbers.ts';

/** What a person reads of an event. */
export function plainText(event: RunEvent): string {
  switch (event.type) {
    case 'machine':
      return machineText(event);
    case 'round':
      return roundText(event);
    case 'result':
      return resultText(event);
  }
}

function machineText(event: MachineEvent): string {
  const { benchmark, quick, platform, arch, cores, cpu, memoryBytes, load, node, commit, dirty, peers } = event;
  const revision = commit === null ? 'Maestro without a commit' : `Maestro ${commit.slice(0, 9)}`;
  return [
    `${benchmark}${quick ? ', quick' : ''}: ${platform} ${arch}`,
    `${cores} x ${cpu}`,
    `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    ...(load === null ? [] : [`load ${load.toFixed(1)}`]),
    `Node ${node}`,
    dirty === true ? `${revision} with changes` : revision,
    ...Object.entries(peers).map(([name, version]) => `${name} ${version}`),
  ].join(', ');
}

function roundText(event: Extract<RunEvent, { type: 'round' }>): string {
  const { figure, round, rounds, value, unit, peer, ratio } = event;
  const compared = `ours ${short(value)}, ${peer.name} ${short(peer.value)} ${unit}, ratio ${short(ratio)}`;
  return `${figure}, round ${round} of ${rounds}: ${compared}`;
}

function resultText({ ok, figures, error }: RunResult): string {
  const measured = figures.length === 0 ? [] : [...table(figures), ''];
  if (error === undefined) return [...measured, ok ? 'Every bar is met.' : 'NOT EVERY BAR IS MET.'].join('\n');
  const next = error.hint === null ? [] : [`Next: ${error.hint}`];
  return [...measured, `FAILED ${error.code}: ${error.message}`, ...next].join('\n');
}

function table(figures: readonly Figure[]): readonly string[] {
  const head = ['figure', 'unit', 'ours', 'peer', 'ratio', 'bar', ''];
  const cells = [head, ...figures.map(row)];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function row({ name, unit, value, spread, peer, peerSpread, ratio, ratioSpread, bar, ok }: Figure): readonly string[] {
  return [
    name,
    unit,
    withSpread(value, spread),
    peer === null ? '-' : `${peer.name} ${withSpread(peer.value, peerSpread)}`,
    ratio === null ? '-' : withSpread(ratio, ratioSpread),
    bar ?? '-',
    bar === null ? '' : ok ? 'met' : 'MISSED',
  ];
}
