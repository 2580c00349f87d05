/** What became of a write, in the words of 0G's KV node: its clients compare them. */
import { fromUtf8, type PerigeeError, toHex } from '@perigee/wire';
import { controlForm, KV_CONTROL, type KvControl } from './controls.ts';
import type { KvKey } from './stream-data.ts';

export const KV_RESULT = {
  commit: 'Commit',
  versionConfliction: 'VersionConfliction',
  tagsMismatch: 'TagsMismatch',
  senderNoWritePermission: 'SenderNoWritePermission',
  dataUnavailable: 'DataUnavailable',
  /** Ours: the author has too little for the deposit and the write. */
  depositMissing: 'DepositMissing',
  tooLarge: 'DataParseError: too large',
} as const;

export function dataParseError({ message }: PerigeeError): string {
  return `DataParseError: ${message}`;
}

export function writePermissionDenied({ stream, key }: KvKey): string {
  return `WritePermissionDenied: stream: 0x${toHex(stream)}, key: ${words(key)}`;
}

/** @param account of the operation; who sent it, for one that renounces */
export function controlPermissionDenied({ name, stream, key, account }: KvControl): string {
  const word = controlForm(KV_CONTROL[name])?.word;
  const whose = toHex(account ?? new Uint8Array(20));
  return `AccessControlPermissionDenied: operation: ${word}, stream: 0x${toHex(stream)}, key: ${words(key ?? new Uint8Array(0))}, account: 0x${whose}`;
}

/** The first 32 characters of a key. */
function words(key: Uint8Array): string {
  if (key.length === 0) return 'NONE';
  try {
    return [...fromUtf8(key)].slice(0, 32).join('');
  } catch {
    return 'UNKNOWN';
  }
}
