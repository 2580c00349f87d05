/**
 * Streams as 0G's node keeps them: every write and every change of rights is a row that stays, and each question looks through all rows. Slow, and
 * shares nothing with the state that it judges.
 */
import type { KvControl, KvWrite, StreamData } from '../../src/kv/index.ts';

const hex = (bytes: Uint8Array = new Uint8Array(0)): string => Buffer.from(bytes).toString('hex');
const NAMES: Readonly<Record<KvControl['name'], string>> = {
  grantAdmin: 'GRANT_ADMIN_ROLE',
  renounceAdmin: 'RENOUNCE_ADMIN_ROLE',
  setKeyToSpecial: 'SET_KEY_TO_SPECIAL',
  setKeyToNormal: 'SET_KEY_TO_NORMAL',
  grantWriter: 'GRANT_WRITER_ROLE',
  revokeWriter: 'REVOKE_WRITER_ROLE',
  renounceWriter: 'RENOUNCE_WRITER_ROLE',
  grantSpecialWriter: 'GRANT_SPECIAL_WRITER_ROLE',
  revokeSpecialWriter: 'REVOKE_SPECIAL_WRITER_ROLE',
  renounceSpecialWriter: 'RENOUNCE_SPECIAL_WRITER_ROLE',
};

interface ValueRow {
  readonly stream: string;
  readonly key: string;
  readonly version: number;
  readonly value: string;
}

interface RightRow {
  readonly stream: string;
  readonly key: string;
  readonly account: string;
  readonly op: KvControl['name'];
}

export class WordsModel {
  readonly values: ValueRow[] = [];
  readonly rights: RightRow[] = [];
  readonly #streams = new Set<string>();

  /** A submission names streams. */
  submit(streams: readonly Uint8Array[], author: Uint8Array): void {
    for (const stream of streams.map(hex)) {
      if (this.#streams.has(stream)) continue;
      this.#streams.add(stream);
      this.rights.push({ stream, key: '', account: hex(author), op: 'grantAdmin' });
    }
  }

  replay(txSeq: number, author: Uint8Array, streams: readonly Uint8Array[], data: StreamData): string {
    const sender = hex(author);
    const named = streams.map(hex);
    if (!named.some((stream) => this.#canWrite(sender, stream))) return 'SenderNoWritePermission';
    const stale = (stream: string, key: string): boolean => {
      const versions = this.values.filter((row) => row.stream === stream && row.key === key).map((row) => row.version);
      const latest = Math.max(0, ...versions);
      return BigInt(latest) > data.version || latest > txSeq;
    };
    for (const { stream, key } of data.reads) if (stale(hex(stream), hex(key))) return 'VersionConfliction';
    const last = (write: KvWrite): boolean =>
      data.writes.findLast(({ stream, key }) => hex(stream) === hex(write.stream) && hex(key) === hex(write.key)) === write;
    const writes = data.writes.filter(last);
    // in the order in which a key comes first
    const first = ({ stream, key }: KvWrite) =>
      data.writes.findIndex((write) => hex(write.stream) === hex(stream) && hex(write.key) === hex(key));
    writes.sort((a, b) => first(a) - first(b));
    for (const { stream, key } of writes) {
      if (!named.includes(hex(stream))) return 'TagsMismatch';
      if (stale(hex(stream), hex(key))) return 'VersionConfliction';
      if (!this.mayWrite(sender, hex(stream), hex(key))) {
        return `WritePermissionDenied: stream: 0x${hex(stream)}, key: ${words(key)}`;
      }
    }
    const ops = this.#ops(data.controls, sender);
    for (const { stream, key, account, op } of ops) {
      if (!named.includes(stream)) return 'TagsMismatch';
      const isAllowed =
        op.startsWith('renounce') ||
        this.isAdmin(sender, stream) ||
        (op === 'grantWriter' && this.isWriter(sender, stream)) ||
        (op === 'grantSpecialWriter' && this.isSpecialWriter(sender, stream, key));
      if (!isAllowed) {
        const shown = words(Buffer.from(key, 'hex'));
        return `AccessControlPermissionDenied: operation: ${NAMES[op]}, stream: 0x${stream}, key: ${shown}, account: 0x${account}`;
      }
    }
    for (const { stream, key, value } of writes)
      this.values.push({ stream: hex(stream), key: hex(key), version: txSeq, value: hex(value) });
    this.rights.push(...ops);
    return 'Commit';
  }

  /** The last row of a key. */
  value(stream: string, key: string): ValueRow | undefined {
    return this.values.filter((row) => row.stream === stream && row.key === key).toSorted((a, b) => b.version - a.version)[0];
  }

  isAdmin(account: string, stream: string): boolean {
    return this.#last(stream, account, undefined, ['grantAdmin', 'renounceAdmin']) === 'grantAdmin';
  }

  isWriter(account: string, stream: string): boolean {
    return this.#last(stream, account, undefined, ['grantWriter', 'revokeWriter', 'renounceWriter']) === 'grantWriter';
  }

  isSpecial(stream: string, key: string): boolean {
    return this.#last(stream, undefined, key, ['setKeyToSpecial', 'setKeyToNormal']) === 'setKeyToSpecial';
  }

  isSpecialWriter(account: string, stream: string, key: string): boolean {
    const ops = ['grantSpecialWriter', 'revokeSpecialWriter', 'renounceSpecialWriter'] as const;
    return this.#last(stream, account, key, ops) === 'grantSpecialWriter';
  }

  mayWrite(account: string, stream: string, key: string): boolean {
    if (!this.#streams.has(stream) || this.isAdmin(account, stream)) return true;
    return this.isSpecial(stream, key) ? this.isSpecialWriter(account, stream, key) : this.isWriter(account, stream);
  }

  #canWrite(account: string, stream: string): boolean {
    if (!this.#streams.has(stream) || this.isAdmin(account, stream) || this.isWriter(account, stream)) return true;
    const keys = this.rights.filter((row) => row.stream === stream && row.account === account).map((row) => row.key);
    return keys.some((key) => this.isSpecialWriter(account, stream, key));
  }

  #last(stream: string, account: string | undefined, key: string | undefined, ops: readonly string[]): string | undefined {
    return this.rights.findLast(
      (row) =>
        row.stream === stream &&
        (account === undefined || row.account === account) &&
        (key === undefined || row.key === key) &&
        ops.includes(row.op),
    )?.op;
  }

  #ops(controls: readonly KvControl[], sender: string): RightRow[] {
    const kept: (RightRow & { kind: string })[] = [];
    for (const { name: op, stream, key, account } of controls) {
      const kind = op.endsWith('Admin')
        ? 'admin'
        : op.startsWith('setKey')
          ? 'key'
          : op.endsWith('SpecialWriter')
            ? 'special'
            : 'writer';
      const whose = op.startsWith('renounce') ? sender : account === undefined ? '00'.repeat(20) : hex(account);
      const row = { stream: hex(stream), key: hex(key), account: whose, op, kind };
      const at = kept.findIndex(
        (other) => other.kind === kind && other.stream === row.stream && other.key === row.key && other.account === whose,
      );
      if (op === 'grantAdmin' && (at >= 0 || whose === sender)) continue;
      if (at < 0) kept.push(row);
      else kept[at] = row;
    }
    return kept.map(({ kind: _kind, ...row }) => row);
  }
}

function words(key: Uint8Array): string {
  if (key.length === 0) return 'NONE';
  try {
    return [...new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key)].slice(0, 32).join('');
  } catch {
    return 'UNKNOWN';
  }
}
