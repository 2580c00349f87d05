/** Accounts of the chain itself. Nobody has a key of them, so nothing is sent to them: it could never be sent on. */
import { sha256 } from '@noble/hashes/sha2.js';
import { equal, fromHex, utf8 } from '@perigee/wire';

function poolAddress(name: string): Uint8Array {
  return sha256(utf8(`perigee/addr/${name}/v0`)).slice(0, 20);
}

/** Where fees go. A later version divides them. */
export const FEE_POOL = /* @__PURE__ */ poolAddress('fees');
/** Where staked and unbonding tokens are: its balance is their sum. */
export const STAKE_POOL = /* @__PURE__ */ poolAddress('stake');
/** Where slashed tokens go. */
export const SLASH_POOL = /* @__PURE__ */ poolAddress('slashed');
/** Receiver of the system calls that an Ethereum wallet can make. It has no balance. */
export const SYSTEM_ADDRESS = /* @__PURE__ */ fromHex('0000000000000000000000000000000000005047');

/** Whether an address is the chain's own. */
export function isKeyless(address: Uint8Array): boolean {
  return [FEE_POOL, STAKE_POOL, SLASH_POOL, SYSTEM_ADDRESS].some((own) => equal(own, address));
}
