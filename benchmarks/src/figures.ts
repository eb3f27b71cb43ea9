import { cpus } from 'node:os';

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** What the figures were measured on; they mean nothing without it. */
export function machine(): string {
  const [first] = cpus();
  return `${process.platform} ${process.arch}, ${cpus().length} x ${first?.model ?? 'unknown'}, Node ${process.version}`;
}
