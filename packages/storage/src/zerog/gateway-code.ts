/** Codes of 0G's gateway, and what they are called. */
export const GATEWAY_CODE = {
  success: [0, 'Success'],
  validation: [1, 'Invalid parameter'],
  internal: [2, 'Internal server error'],
  notFound: [101, 'File not found'],
  notFinalized: [103, 'File not finalized yet'],
  noSuchPath: [104, 'File path not found'],
  tooLarge: [105, 'File size too large'],
  otherType: [106, 'File type unsupported'],
} as const;

/** An answer of the gateway that is an error by its code. */
export class Refusal extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor([code, message]: readonly [code: number, message: string], data: unknown = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
