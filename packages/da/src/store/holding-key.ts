import { fromHex, toHex } from '@perigee/wire';

const SUFFIX = '.rows';
const NAME = /^([0-9a-f]{66})-([0-9a-f]{64})\.rows$/;

/** What one member keeps of one blob under one committee: the committee decides which rows. */
export interface HoldingKey {
  readonly blobId: Uint8Array;
  readonly committeeHash: Uint8Array;
}

export function fileNameOf({ blobId, committeeHash }: HoldingKey): string {
  return `${toHex(blobId)}-${toHex(committeeHash)}${SUFFIX}`;
}

/** `undefined` for a name that no holding has. */
export function keyOfFileName(name: string): HoldingKey | undefined {
  const [, blobId, committeeHash] = NAME.exec(name) ?? [];
  if (blobId === undefined || committeeHash === undefined) return undefined;
  return { blobId: fromHex(blobId), committeeHash: fromHex(committeeHash) };
}
