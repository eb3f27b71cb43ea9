import type { FaultRecord } from '@maestro/services/faults';

type Counts = Readonly<Record<string, number>>;

/** One record for each promise and fault, in the order in which they come first. */
export function addUp(records: readonly FaultRecord[]): readonly FaultRecord[] {
  const sums = new Map<string, FaultRecord>();
  for (const record of records) {
    const key = JSON.stringify([record.promised, record.fault]);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? record : bothOf(sum, record));
  }
  return [...sums.values()];
}

function bothOf(a: FaultRecord, b: FaultRecord): FaultRecord {
  return {
    promised: a.promised,
    fault: a.fault,
    times: a.times + b.times,
    checked: sumOf(a.checked, b.checked),
    wrong: sumOf(a.wrong, b.wrong),
  };
}

function sumOf(a: Counts, b: Counts): Counts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
