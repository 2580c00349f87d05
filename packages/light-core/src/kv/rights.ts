/** Who may do what in a stream (0G's access control), as the state holds it. */
import { KvRights, KvStream, u8 } from '@perigee/wire';
import type { KvControl } from './controls.ts';
import { rightsKey, specialKey, specialWriterKey, streamKey } from './keys.ts';

/** Reads store `kv` of one state. */
export interface KvReader {
  /** @returns `undefined` when the key is not there */
  get(key: Uint8Array): Uint8Array | undefined;
}

/** Reads and writes it. */
export interface KvView extends KvReader {
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
}

const NONE: KvRights = { admin: false, writer: false, specialKeys: 0 };
const YES = /* @__PURE__ */ u8(1);

function rightsOf(view: KvReader, stream: Uint8Array, account: Uint8Array): KvRights {
  const raw = view.get(rightsKey(stream, account));
  return raw === undefined ? NONE : KvRights.decode(raw);
}

function writeRights(view: KvView, stream: Uint8Array, account: Uint8Array, rights: KvRights): void {
  const key = rightsKey(stream, account);
  if (rights.admin || rights.writer || rights.specialKeys > 0) view.set(key, KvRights.encode(rights));
  else view.delete(key);
}

/** Whether no submission has named the stream yet. */
function isNewStream(view: KvReader, stream: Uint8Array): boolean {
  return view.get(streamKey(stream)) === undefined;
}

/** The first submission that names a stream makes its author the admin; later ones change nothing. */
export function reserveStreams(view: KvView, streams: readonly Uint8Array[], author: Uint8Array, txSeq: number): void {
  for (const stream of streams) {
    if (!isNewStream(view, stream)) continue;
    view.set(streamKey(stream), KvStream.encode({ author, txSeq }));
    writeRights(view, stream, author, { ...rightsOf(view, stream, author), admin: true });
  }
}

export function isAdmin(view: KvReader, account: Uint8Array, stream: Uint8Array): boolean {
  return rightsOf(view, stream, account).admin;
}

/** A writer of all keys that are not special. */
export function isWriterOfStream(view: KvReader, account: Uint8Array, stream: Uint8Array): boolean {
  return rightsOf(view, stream, account).writer;
}

export function isSpecialKey(view: KvReader, stream: Uint8Array, key: Uint8Array): boolean {
  return view.get(specialKey(stream, key)) !== undefined;
}

/** A writer of this special key, whether or not it is special now. */
export function isWriterOfKey(view: KvReader, account: Uint8Array, stream: Uint8Array, key: Uint8Array): boolean {
  return view.get(specialWriterKey(stream, account, key)) !== undefined;
}

/** An admin may write everything, special keys are for their writers, all others for writers of the stream; a new stream is anyone's. */
export function hasWritePermission(view: KvReader, account: Uint8Array, stream: Uint8Array, key: Uint8Array): boolean {
  if (isNewStream(view, stream) || isAdmin(view, account, stream)) return true;
  return isSpecialKey(view, stream, key) ? isWriterOfKey(view, account, stream, key) : isWriterOfStream(view, account, stream);
}

/** Whether an account may write anything at all to a stream. */
export function canWrite(view: KvReader, account: Uint8Array, stream: Uint8Array): boolean {
  const { admin, writer, specialKeys } = rightsOf(view, stream, account);
  return admin || writer || specialKeys > 0 || isNewStream(view, stream);
}

/** @returns whether `sender` may make this change; renouncing one's own right anyone may */
export function mayControl(view: KvReader, sender: Uint8Array, { name, stream, key = new Uint8Array(0) }: KvControl): boolean {
  switch (name) {
    case 'renounceAdmin':
    case 'renounceWriter':
    case 'renounceSpecialWriter':
      return true;
    case 'grantWriter':
      return isAdmin(view, sender, stream) || isWriterOfStream(view, sender, stream);
    case 'grantSpecialWriter':
      return isAdmin(view, sender, stream) || isWriterOfKey(view, sender, stream, key);
    default:
      return isAdmin(view, sender, stream);
  }
}

/** @param control with its account: the sender's own, where it renounces */
export function applyControl(view: KvView, control: KvControl): void {
  const { name, stream, key = new Uint8Array(0), account = new Uint8Array(20) } = control;
  const change = (rights: Partial<KvRights>): void =>
    writeRights(view, stream, account, { ...rightsOf(view, stream, account), ...rights });
  switch (name) {
    case 'grantAdmin':
    case 'renounceAdmin':
      change({ admin: name === 'grantAdmin' });
      break;
    case 'grantWriter':
    case 'revokeWriter':
    case 'renounceWriter':
      change({ writer: name === 'grantWriter' });
      break;
    case 'setKeyToSpecial':
      view.set(specialKey(stream, key), YES);
      break;
    case 'setKeyToNormal':
      view.delete(specialKey(stream, key));
      break;
    case 'grantSpecialWriter':
    case 'revokeSpecialWriter':
    case 'renounceSpecialWriter': {
      const had = isWriterOfKey(view, account, stream, key);
      const has = name === 'grantSpecialWriter';
      if (had === has) break;
      const place = specialWriterKey(stream, account, key);
      if (has) view.set(place, YES);
      else view.delete(place);
      change({ specialKeys: rightsOf(view, stream, account).specialKeys + (has ? 1 : -1) });
    }
  }
}
