import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readTrace } from './buildkit-trace.ts';
import { readFields } from './protobuf.ts';

/** As the encoding is specified, written the other way round. */
function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
}

function encoded(number: number, value: bigint | Uint8Array): number[] {
  if (typeof value === 'bigint') return [...varint(BigInt(number << 3)), ...varint(value)];
  return [...varint(BigInt((number << 3) | 2)), ...varint(BigInt(value.byteLength)), ...value];
}

describe('fields of a protobuf message', () => {
  const field = fc.tuple(
    fc.integer({ min: 1, max: 2 ** 20 }),
    fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.uint8Array()),
  );

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const message = Uint8Array.from(fields.flatMap(([number, value]) => encoded(number, value)));
        const read = [...readFields(message)].map((each) => [each.number, 'value' in each ? each.value : each.bytes]);
        expect(read).toEqual(fields);
      }),
    );
  });

  it('are an error or fields, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        try {
          expect([...readFields(bytes)]).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('of fixed length are passed over', () => {
    const message = Uint8Array.from([(1 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8, (2 << 3) | 5, 1, 2, 3, 4, 3 << 3, 9]);
    expect([...readFields(message)].at(-1)).toEqual({ number: 3, value: 9n });
  });
});

describe('a trace of BuildKit', () => {
  it('of a real engine names the step that has begun', () => {
    const trace =
      'CrkBCkdzaGEyNTY6YWVjNGJhNDFiOWExOGFlN2Q3ZjZiZDlhYmM2ZDg4M2NhOGUyZTdjMGU3MjBhOGUyZjlmZmQ5NzE2MmE2NTVhYRJHc2hh' +
      'MjU2OjA2MTFjMzQ4Zjg1MzUxNGExMTA2ZWI5MDcyYTBhZDA2ZjBjZTY1MmVhMjhiMWQ3MWQ1N2EwMzFlNDIzZTNkOTkaF1sxLzFdIENPUFkg' +
      'YS50eHQgL2EudHh0KgwIj4uh2AYQwNKToQI=';
    expect(readTrace(trace)).toEqual({
      steps: [
        {
          digest: 'sha256:aec4ba41b9a18ae7d7f6bd9abc6d883ca8e2e7c0e720a8e2f9ffd97162a655aa',
          name: '[1/1] COPY a.txt /a.txt',
          cached: false,
          started: true,
          completed: false,
          error: '',
        },
      ],
      logs: [],
    });
  });
});
