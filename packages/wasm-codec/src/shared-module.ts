import { PerigeeError } from '@perigee/wire';

const PREAMBLE_BYTES = 8;
const IMPORTS = 2;
const MEMORY = 2;
const HAS_MAXIMUM = 1;
const SHARED = 2;

/** One of the builds as this memory wants it. */
export function kernelFor(memory: WebAssembly.Memory, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
  return isShared ? sharedKernel(bytes) : bytes;
}

/**
 * The same kernel for a memory that threads share. WebAssembly asks a module to say which kind of memory it imports, and that is one bit of its
 * import section: the code is the same, because the kernel has no static variables and no thread writes where another one does.
 *
 * @param bytes one of the builds
 * @returns a copy with that bit set
 * @throws PARSE when it imports no memory with a maximum
 */
function sharedKernel(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  let at = PREAMBLE_BYTES;
  const number = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = copy[at++];
      if (byte === undefined || shift > 28) throw new PerigeeError('PARSE', 'the kernel is no WebAssembly module');
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const skip = (): void => {
    const length = number();
    at += length;
  };
  while (at < copy.length) {
    const section = number();
    const length = number();
    const end = at + length;
    if (section === IMPORTS && number() === 1) {
      skip(); // module
      skip(); // name
      if (number() === MEMORY && copy[at] === HAS_MAXIMUM) {
        copy[at] = HAS_MAXIMUM | SHARED;
        return copy;
      }
    }
    at = end;
  }
  throw new PerigeeError('PARSE', 'the kernel imports no memory with a maximum that could be shared');
}
