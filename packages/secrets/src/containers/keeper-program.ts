/** The processors a keeper can run on. */
export type KeeperArchitecture = 'amd64' | 'arm64';

interface Machine {
  /** `e_machine` of the ELF header. */
  readonly id: number;
  readonly code: readonly string[];
}

/**
 * inotify_init1(0); mkdir("..go", 0700); inotify_add_watch(…, "..go", IN_CREATE); then, each time read() returns,
 * rename("..next", "..data"); exit_group(1) where the watch or a read fails. A line an instruction.
 */
const machines: Readonly<Record<KeeperArchitecture, Machine>> = {
  amd64: {
    id: 62,
    code: [
      '31ff', //           xor edi, edi
      'b826010000', //     mov eax, 294  inotify_init1
      '0f05', //           syscall
      '89c3', //           mov ebx, eax
      '488d3d61000000', // lea rdi, [go]
      'bec0010000', //     mov esi, 0700
      'b853000000', //     mov eax, 83   mkdir
      '0f05', //           syscall
      '89df', //           mov edi, ebx
      '488d354c000000', // lea rsi, [go]
      'ba00010000', //     mov edx, 256  IN_CREATE
      'b8fe000000', //     mov eax, 254  inotify_add_watch
      '0f05', //           syscall
      '85c0', //           test eax, eax
      '7830', //           js end
      '4881ec00100000', // sub rsp, 4096
      '89df', //     wait: mov edi, ebx
      '4889e6', //         mov rsi, rsp
      'ba00100000', //     mov edx, 4096
      '31c0', //           xor eax, eax  read
      '0f05', //           syscall
      '85c0', //           test eax, eax
      '7e17', //           jle end
      '488d3d21000000', // lea rdi, [next]
      '488d3521000000', // lea rsi, [data]
      'b852000000', //     mov eax, 82   rename
      '0f05', //           syscall
      'ebd7', //           jmp wait
      'bf01000000', // end: mov edi, 1
      'b8e7000000', //     mov eax, 231  exit_group
      '0f05', //           syscall
    ],
  },
  arm64: {
    id: 183,
    code: [
      '000080d2', //       mov x0, 0
      '480380d2', //       mov x8, 26    inotify_init1
      '010000d4', //       svc 0
      'f30300aa', //       mov x19, x0
      '600c8092', //       mov x0, -100  AT_FDCWD
      '81030010', //       adr x1, go
      '023880d2', //       mov x2, 0700
      '480480d2', //       mov x8, 34    mkdirat
      '010000d4', //       svc 0
      'e00313aa', //       mov x0, x19
      'e1020010', //       adr x1, go
      '022080d2', //       mov x2, 256   IN_CREATE
      '680380d2', //       mov x8, 27    inotify_add_watch
      '010000d4', //       svc 0
      '0002f8b7', //       tbnz x0, 63, end
      'ff0740d1', //       sub sp, sp, 4096
      'e00313aa', // wait: mov x0, x19
      'e1030091', //       mov x1, sp
      '020082d2', //       mov x2, 4096
      'e80780d2', //       mov x8, 63    read
      '010000d4', //       svc 0
      '1f0000f1', //       cmp x0, 0
      '0d010054', //       b.le end
      '600c8092', //       mov x0, -100  AT_FDCWD
      '41010030', //       adr x1, next
      '620c8092', //       mov x2, -100  AT_FDCWD
      '43010010', //       adr x3, data
      'c80480d2', //       mov x8, 38    renameat
      '010000d4', //       svc 0
      'f3ffff17', //       b wait
      '200080d2', // end:  mov x0, 1
      'c80b80d2', //       mov x8, 94    exit_group
      '010000d4', //       svc 0
    ],
  },
};

const names = '..go\0..next\0..data\0';
const loadAddress = 0x400000n;
const headerBytes = 64;
const segmentBytes = 56;

/**
 * A static ELF program of about 300 bytes that needs no file, shell or library, and runs in the folder of a volume: it
 * keeps the volume mounted, and renames `..next` to `..data` whenever something is created in `..go`. The engine can
 * write archives into a volume, and in them replace a link only by removing it first; a rename never shows a gap.
 */
export function keeperProgram(architecture: KeeperArchitecture): Buffer {
  const { id, code } = machines[architecture];
  const text = Buffer.concat([Buffer.from(code.join(''), 'hex'), Buffer.from(names, 'latin1')]);
  const start = headerBytes + 2 * segmentBytes;
  const size = BigInt(start + text.length);
  return Buffer.concat([
    elfHeader(id, loadAddress + BigInt(start)),
    segment({ type: 1, flags: 0b101, address: loadAddress, size, alignment: 0x10000n }),
    // PT_GNU_STACK: the stack is no code.
    segment({ type: 0x6474e551, flags: 0b110, address: 0n, size: 0n, alignment: 16n }),
    text,
  ]);
}

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
function elfHeader(machine: number, entry: bigint): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(entry, 24);
  header.writeBigUInt64LE(BigInt(headerBytes), 32);
  header.writeUInt16LE(headerBytes, 52);
  header.writeUInt16LE(segmentBytes, 54);
  header.writeUInt16LE(2, 56);
  return header;
}

/** https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html */
function segment(of: {
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly size: bigint;
  readonly alignment: bigint;
}): Buffer {
  const header = Buffer.alloc(segmentBytes);
  header.writeUInt32LE(of.type, 0);
  header.writeUInt32LE(of.flags, 4);
  header.writeBigUInt64LE(of.address, 16);
  header.writeBigUInt64LE(of.address, 24);
  header.writeBigUInt64LE(of.size, 32);
  header.writeBigUInt64LE(of.size, 40);
  header.writeBigUInt64LE(of.alignment, 48);
  return header;
}
