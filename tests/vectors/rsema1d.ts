/**
 * Known answers of rsema1d, current version (seed = H(rowRoot ‖ LE32 K ‖ LE32 N ‖ LE32 rowSize)).
 *
 * `published`: celestiaorg/celestia-app `pkg/rsema1d` (SPEC.md and its tests). `derived`: made for this project by an independent scalar
 * program that reproduces the published ones. `retired`: commitments of the same inputs under the retired version (seed = H(rowRoot)),
 * which must not come out.
 */
export interface CommitmentVector {
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
  /** `last byte`: row i is zero but for its last byte, i + 1. `pattern`: byte j of row i is 7i + j. */
  readonly data: 'last byte' | 'pattern';
  readonly commitment: string;
}

export const published: readonly CommitmentVector[] = [
  { k: 4, n: 4, rowSize: 64, data: 'last byte', commitment: 'f57fdff87d54f71bc0c860808b046356c8d4850e67b923e08411208df08cb5ab' },
  {
    k: 4,
    n: 12,
    rowSize: 256,
    data: 'last byte',
    commitment: '8ac46440862f280346635eee5075f81ff04b659fb7a86c1e25a28f5f71c3f97e',
  },
];

export const derived: readonly CommitmentVector[] = [
  { k: 4, n: 4, rowSize: 64, data: 'pattern', commitment: '0a353f4ece84848474852bc5629db307fc522d7f0a31aa94334ec9fe3083a028' },
  { k: 4, n: 12, rowSize: 64, data: 'pattern', commitment: '34746c5b54585118dd673cb673f627f75834171ba6d56948140a5c0b7712cc52' },
  { k: 8, n: 24, rowSize: 256, data: 'pattern', commitment: 'a6051bef856db972855cb74af3649eeb39b1c030111cfdd9d32871728fd0e535' },
  { k: 16, n: 48, rowSize: 256, data: 'pattern', commitment: 'e4224dfde5818eaf80e08d80a5f97c40d08802ccf85b10729bcb5e322b08da26' },
];

export const retired: readonly CommitmentVector[] = [
  { k: 4, n: 4, rowSize: 64, data: 'last byte', commitment: '9f637574ecb67828c5ce7589a0a6ce139ccad3bea8e92d22d9e28fde83a905e7' },
  { k: 3, n: 9, rowSize: 256, data: 'last byte', commitment: '2d67c13aa6a5c0be41b7e84f36188562c64ff3547ce74ffd410ab1afa7897f22' },
];

/** What lies between the input and the commitment of the first published vector. */
export const intermediates = {
  rowRoot: '0fb5bde284cb402df8ec46003d590a8dc9fa6f3e997003a993371091870ff052',
  rlcRoot: 'aa74ce699e083173ba3d96a8dbc2f4380ea37060df02c89ab91f11ed6020996e',
  coefficient0: '0622a4837fe3f1b0e01f0b2c84994427',
  combination0: '99d3d7172305222c8574fec1d5715a18',
  /** Low and high byte of the last symbol of each parity row. */
  parityLastSymbol: ['d408', 'eb00', '4503', '7a0f'],
} as const;

/** Leopard's GF(2^16) tables as 16-bit little-endian words, hashed with SHA-256, and their first entries. */
export const fieldTables = {
  log: {
    sha256: 'c7eafc7e425f44aa8c3cf82dee5f4b3e50a710844082c0f1adcd4b95d4330c1f',
    first: [65535, 0, 21845, 43690, 17476, 4369, 34952, 8738],
  },
  exp: {
    sha256: '2016ee0982f33f3b6d46fc5731540a073e73b2e7d093ba82e1998364d9dafcd5',
    first: [1, 18064, 26072, 25296, 22324, 17904, 21432, 7736],
  },
  skew: {
    sha256: '386153e81df25ed50a4be744fc292281790994bf3472076e6bed4e65463c3949',
    first: [65535, 65535, 21845, 65535, 17476, 21845, 34952, 65535, 56797, 17476, 30583, 21845, 48059, 34952, 13107, 65535],
  },
} as const;

/** The input rows of a vector, one after another. */
export function vectorRows({ k, rowSize, data }: CommitmentVector): Uint8Array {
  const rows = new Uint8Array(k * rowSize);
  for (let i = 0; i < k; i++) {
    if (data === 'last byte') rows[(i + 1) * rowSize - 1] = i + 1;
    else for (let j = 0; j < rowSize; j++) rows[i * rowSize + j] = 7 * i + j;
  }
  return rows;
}
