import type { PackageRow, Problem, ReleaseEvent, ReleaseResult, Trial } from './events.ts';

/** What a person reads of an event; undefined when it is not worth a line. */
export function narrate(event: ReleaseEvent): string | undefined {
  switch (event.type) {
    case 'step-started':
      return `\n${event.title}`;
    case 'step-finished':
      return `  done in ${seconds(event.durationMs)}`;
    case 'version':
      return event.from === event.to
        ? `  ${event.package} stays at ${event.to}`
        : `  ${event.package} ${event.from} → ${event.to}`;
    case 'tarball':
      return `  ${event.package}@${event.version}: ${kilobytes(event.bytes)}`;
    case 'published':
      return `  ${event.package}@${event.version}${event.already ? ' is there already' : ''}`;
    case 'trial':
      return narrateTrial(event.trial);
    case 'checked':
      return `  ${event.check}: ${event.subjects} checked`;
    case 'problem':
      return narrateProblem(event.problem);
    case 'result':
      return narrateResult(event);
  }
}

function narrateTrial({ package: name, node, ok, durationMs, exports }: Trial): string {
  const outcome = ok ? `${exports} exports and programs` : 'FAILED';
  return `  ${seconds(durationMs).padStart(7)}  ${ok ? '✓' : '✗'} ${name} on Node ${node}: ${outcome}`;
}

function narrateProblem({ subject, check, message, hint }: Problem): string {
  const lines = [`✗ ${subject} (${check})`, ...message.split('\n').map((line) => `    ${line}`)];
  return ['', ...lines, ...(hint === undefined ? [] : [`  Next: ${hint}`])].join('\n');
}

function narrateResult(result: ReleaseResult): string {
  if ('error' in result) {
    const { code, message, hint } = result.error;
    return ['', `FAILED ${code}: ${message}`, ...(hint === undefined ? [] : [`Next: ${hint}`])].join('\n');
  }
  const { ok, durationMs, packages, problems } = result;
  const verdict = ok ? `Everything is well, after ${seconds(durationMs)}.` : `FAILED: ${problems.length} problems.`;
  const subjects = [...new Set(problems.map(({ subject, check }) => `  ${subject}: ${check}`))];
  return ['', ...table(packages), ...(packages.length === 0 ? [] : ['']), verdict, ...subjects].join('\n');
}

function table(packages: readonly PackageRow[]): readonly string[] {
  const [first] = packages;
  if (first === undefined) return [];
  const header = ['package', 'version', 'tarball', 'types', ...first.trials.map(({ node }) => `Node ${node}`)];
  const cells = packages.map(({ package: name, from, version, bytes, trials }) => [
    name,
    from === version ? `${version} (as it was)` : `${from} → ${version}`,
    kilobytes(bytes),
    trials.some(({ types }) => types === false) ? '✗' : '✓',
    ...trials.map(({ ok, exports }) => (ok ? `✓ ${exports}` : '✗')),
  ]);
  const rows = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(0)} kB`;
}
