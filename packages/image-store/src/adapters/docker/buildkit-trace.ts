import { type ProtobufField, readFields } from './protobuf.ts';

/** A step of a build, as far as it is known. */
export interface TraceStep {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  /** '' for none. */
  readonly error: string;
}

/** What a step printed, cut anywhere. */
export interface TraceLog {
  readonly step: string;
  /** 1 or 2, as of a process. */
  readonly stream: number;
  readonly bytes: Uint8Array;
}

export interface Trace {
  readonly steps: readonly TraceStep[];
  readonly logs: readonly TraceLog[];
}

/** What lies in a `moby.buildkit.trace`: https://github.com/moby/buildkit/blob/master/api/services/control/control.proto. */
export function readTrace(base64: string): Trace {
  const fields = [...readFields(Buffer.from(base64, 'base64'))];
  return {
    steps: bytesOf(fields, 1).map((message) => readStep([...readFields(message)])),
    logs: bytesOf(fields, 3).map((message) => readLog([...readFields(message)])),
  };
}

function readStep(fields: readonly ProtobufField[]): TraceStep {
  return {
    digest: textOf(fields, 1),
    name: textOf(fields, 3),
    cached: numberOf(fields, 4) === 1,
    started: bytesOf(fields, 5).length > 0,
    completed: bytesOf(fields, 6).length > 0,
    error: textOf(fields, 7),
  };
}

function readLog(fields: readonly ProtobufField[]): TraceLog {
  return { step: textOf(fields, 1), stream: numberOf(fields, 3), bytes: bytesOf(fields, 4)[0] ?? new Uint8Array() };
}

function bytesOf(fields: readonly ProtobufField[], number: number): readonly Uint8Array[] {
  return fields.flatMap((field) => (field.number === number && 'bytes' in field ? [field.bytes] : []));
}

function textOf(fields: readonly ProtobufField[], number: number): string {
  return Buffer.from(bytesOf(fields, number)[0] ?? []).toString('utf8');
}

function numberOf(fields: readonly ProtobufField[], number: number): number {
  const found = fields.find((field) => field.number === number && 'value' in field);
  return found !== undefined && 'value' in found ? Number(found.value) : 0;
}
