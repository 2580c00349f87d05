import { STORE } from '@perigee/light-core/state';
import { AuditRecord, ComputeBalance, ComputeProvider, utf8 } from '@perigee/wire';
import { type Entry, messageOf, type StateView } from '../../state/index.ts';
import { sumOf } from './releases.ts';

const PROVIDER = utf8('p/');
const BALANCE = utf8('d/');
const AUDIT = utf8('f/');

/** What records of the compute layer hold, less what they held before the block: stakes, prepaid balances, deposits of auditors. */
export function gainOfCompute(view: StateView): bigint {
  return view.changes(STORE.compute).reduce((sum, { key, before, after }) => sum + heldBy(key, after) - heldBy(key, before), 0n);
}

function heldBy(key: Uint8Array, entry: Entry): bigint {
  if (begins(key, PROVIDER)) {
    const provider = messageOf(entry, ComputeProvider);
    return provider === undefined ? 0n : provider.stake + sumOf(provider.unbonding);
  }
  if (begins(key, BALANCE)) {
    const balance = messageOf(entry, ComputeBalance);
    return balance === undefined ? 0n : balance.available + sumOf(balance.unlocking);
  }
  return begins(key, AUDIT) ? (messageOf(entry, AuditRecord)?.deposit ?? 0n) : 0n;
}

function begins(key: Uint8Array, prefix: Uint8Array): boolean {
  return key[0] === prefix[0] && key[1] === prefix[1];
}
