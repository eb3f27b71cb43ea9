/** A field of a message of https://protobuf.dev/programming-guides/encoding: a number, or the bytes of anything else. */
export type ProtobufField =
  { readonly number: number; readonly value: bigint } | { readonly number: number; readonly bytes: Uint8Array };

/** The fields of a message, in order; throws a RangeError for what is none. */
export function* readFields(message: Uint8Array): Generator<ProtobufField> {
  const reader = new Reader(message);
  while (!reader.atEnd) {
    const tag = Number(reader.varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: reader.varint() };
        break;
      case 1:
        yield { number, bytes: reader.take(8) };
        break;
      case 2:
        yield { number, bytes: reader.take(Number(reader.varint())) };
        break;
      case 5:
        yield { number, bytes: reader.take(4) };
        break;
      default:
        throw new RangeError(`field ${number} is of no type that is known`);
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  /** Seven bits a byte, the lowest first. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = this.take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than 64 bits');
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.byteLength) throw new RangeError('the message ends in the middle of a field');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
