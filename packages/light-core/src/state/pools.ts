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
/** Where what is paid for stored files is. */
export const STORAGE_POOL = /* @__PURE__ */ poolAddress('storage');
/** Where deposits for what streams keep are. */
export const KV_POOL = /* @__PURE__ */ poolAddress('kv');
/** Where prepaid tokens, stakes of providers and deposits of auditors are. */
export const COMPUTE_POOL = /* @__PURE__ */ poolAddress('compute');
/** Receiver of the calls by which clients of 0G Storage submit files: their flow contract. It has no balance. */
export const FLOW_ADDRESS = /* @__PURE__ */ fromHex('0000000000000000000000000000000000005046');
/** What they ask for the price of a sector: their market contract. It has no balance. */
export const MARKET_ADDRESS = /* @__PURE__ */ fromHex('000000000000000000000000000000000000504d');
/** Receiver of the system calls that an Ethereum wallet can make. It has no balance. */
export const SYSTEM_ADDRESS = /* @__PURE__ */ fromHex('0000000000000000000000000000000000005047');

const KEYLESS = [
  FEE_POOL,
  STAKE_POOL,
  SLASH_POOL,
  STORAGE_POOL,
  KV_POOL,
  COMPUTE_POOL,
  FLOW_ADDRESS,
  MARKET_ADDRESS,
  SYSTEM_ADDRESS,
];

/** Whether an address is the chain's own. */
export function isKeyless(address: Uint8Array): boolean {
  return KEYLESS.some((own) => equal(own, address));
}
