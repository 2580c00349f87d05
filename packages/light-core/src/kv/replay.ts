/** What a write to streams does (0G's replay), as a pure function over a view of the state. */
import { compare, concat, equal, KvEntry, PerigeeError, toHex, u8, u64be } from '@perigee/wire';
import { KV_CONTROL, type KvControl } from './controls.ts';
import { deletedKey, entryKey } from './keys.ts';
import { controlPermissionDenied, dataParseError, KV_RESULT, writePermissionDenied } from './results.ts';
import { applyControl, canWrite, hasWritePermission, type KvReader, type KvView, mayControl } from './rights.ts';
import { type KvKey, type KvWrite, StreamDataReader } from './stream-data.ts';

/** A write that is to be done. */
export interface KvOrder {
  readonly txSeq: number;
  /** Who signed the submission. */
  readonly author: Uint8Array;
  /** That the submission names. */
  readonly streams: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** What a permitted write would change. */
export interface KvPlan {
  /** Each key once, with its last value. */
  readonly writes: readonly KvWrite[];
  readonly controls: readonly KvControl[];
}

/** txSeq of the last write or deletion of a key; 0 where there was none. */
export function latestVersion(view: KvReader, { stream, key }: KvKey): number {
  const entry = view.get(entryKey(stream, key));
  if (entry !== undefined) return KvEntry.decode(entry).version;
  const deleted = view.get(deletedKey(stream, key));
  return deleted === undefined ? 0 : Number(new DataView(deleted.buffer, deleted.byteOffset, 8).getBigUint64(0));
}

/**
 * Judge a write by the state before it, part by part, in the order in which 0G's node does. Where its node goes through a set in no order, the
 * order is that of the data.
 *
 * @returns what is to be changed, or in 0G's words why nothing is
 */
export function judgeWrite(view: KvReader, { txSeq, author, streams, data }: KvOrder): KvPlan | string {
  if (!streams.some((stream) => canWrite(view, author, stream))) return KV_RESULT.senderNoWritePermission;
  const named = new Set(streams.map(toHex));
  const reader = new StreamDataReader(data);
  try {
    const version = reader.version();
    const conflicts = (key: KvKey): boolean => {
      const latest = latestVersion(view, key);
      return BigInt(latest) > version || latest > txSeq;
    };
    if (reader.reads().some(conflicts)) return KV_RESULT.versionConfliction;
    const writes = lastWrites(reader.writes());
    for (const write of writes) {
      if (!named.has(toHex(write.stream))) return KV_RESULT.tagsMismatch;
      if (conflicts(write)) return KV_RESULT.versionConfliction;
      if (!hasWritePermission(view, author, write.stream, write.key)) return writePermissionDenied(write);
    }
    const controls = lastControls(reader.controls(), author);
    for (const control of controls) {
      if (!named.has(toHex(control.stream))) return KV_RESULT.tagsMismatch;
      if (!mayControl(view, author, control)) return controlPermissionDenied(control);
    }
    return { writes, controls };
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'STREAM_DATA') return dataParseError(error);
    throw error;
  }
}

/** What a write moves in deposits, smallest units: each entry's is held for whoever wrote it last. */
export interface KvDeposits {
  /** The author's, for what is written. */
  readonly taken: bigint;
  /** Given back for what was there, each account once, ascending. */
  readonly returned: readonly { readonly account: Uint8Array; readonly amount: bigint }[];
}

export function depositsOf(view: KvReader, writes: readonly KvWrite[], depositPerByte: bigint): KvDeposits {
  let taken = 0n;
  const returned = new Map<string, { account: Uint8Array; amount: bigint }>();
  for (const write of writes) {
    taken += depositOf(write, depositPerByte);
    const raw = view.get(entryKey(write.stream, write.key));
    if (raw === undefined) continue;
    const { author, deposit } = KvEntry.decode(raw);
    const name = toHex(author);
    returned.set(name, { account: author, amount: deposit + (returned.get(name)?.amount ?? 0n) });
  }
  return { taken, returned: [...returned.values()].sort((a, b) => compare(a.account, b.account)) };
}

/** Of a value that is there; a deleted key costs nothing. */
function depositOf({ key, value }: KvWrite, depositPerByte: bigint): bigint {
  return value.length === 0 ? 0n : BigInt(key.length + value.length) * depositPerByte;
}

/** Do what a plan says. */
export function applyPlan(
  view: KvView,
  { writes, controls }: KvPlan,
  { txSeq, author, depositPerByte }: Pick<KvOrder, 'txSeq' | 'author'> & { readonly depositPerByte: bigint },
): void {
  for (const write of writes) {
    const { stream, key, value } = write;
    if (value.length === 0) {
      view.delete(entryKey(stream, key));
      view.set(deletedKey(stream, key), u64be(txSeq));
      continue;
    }
    const entry = { version: txSeq, author, deposit: depositOf(write, depositPerByte), value: value.slice() };
    view.set(entryKey(stream, key), KvEntry.encode(entry));
    view.delete(deletedKey(stream, key));
  }
  for (const control of controls) applyControl(view, control);
}

function lastWrites(writes: readonly KvWrite[]): KvWrite[] {
  return [...new Map(writes.map((write) => [toHex(concat(write.stream, write.key)), write])).values()];
}

/** Each with its account; of those of one kind, stream, key and account the last. Nobody makes an admin of himself, or of another twice. */
function lastControls(controls: readonly KvControl[], author: Uint8Array): KvControl[] {
  const last = new Map<string, KvControl>();
  for (const control of controls) {
    const isOwn = control.name.startsWith('renounce');
    const account = isOwn ? author : (control.account ?? new Uint8Array(20));
    const kind = KV_CONTROL[control.name] & 0xf0;
    const name = toHex(concat(u8(kind), control.stream, account, control.key ?? new Uint8Array(0)));
    if (control.name === 'grantAdmin' && (last.has(name) || equal(account, author))) continue;
    last.set(name, { ...control, account });
  }
  return [...last.values()];
}
