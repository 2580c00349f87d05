import type { SnpProduct } from './product.ts';
import type { SnpTcb } from './tcb.ts';

/** What a report must be besides authentic. What is left out has the strict default that is named, or is not asked for. Bytes are hexadecimal. */
export interface SnpPolicy {
  /** Lines that are accepted; all by default. */
  readonly products?: readonly SnpProduct[];
  /** Launch measurements that are accepted, 48 bytes each. */
  readonly measurements?: readonly string[];
  /** What report data must be, 64 bytes: keys, a nonce, or a hash of them. */
  readonly reportData?: string;
  /** Host data that is accepted, 32 bytes each. */
  readonly hostData?: readonly string[];
  /** Digests of keys that may have signed the guest's identity block, and of their authors, 48 bytes each. */
  readonly idKeyDigests?: readonly string[];
  readonly authorKeyDigests?: readonly string[];
  /** Least security version of the guest, of its identity block. */
  readonly minGuestSvn?: number;
  /** The privilege level that asked; 0 by default. */
  readonly vmpl?: number;
  /** A guest whose memory its host may read or change; refused by default. */
  readonly allowDebug?: boolean;
  /** A guest that another one may move; refused by default. */
  readonly allowMigrationAgent?: boolean;
  /** A guest that may share its cores' second threads; allowed by default. */
  readonly allowSmt?: boolean;
  /** Least ABI that the guest's policy asks of its host's firmware. */
  readonly minAbi?: { readonly major: number; readonly minor: number };
  /** Least levels, by line. A line that is not named has none, and is not accepted. */
  readonly minTcb?: { readonly [product in SnpProduct]?: Partial<SnpTcb> };
  /** Firmware that its host can still roll back; refused by default. */
  readonly allowUncommittedFirmware?: boolean;
  /** A report whose host hides its chip; refused by default. Only where a chip's own key signed: a VLEK names none. */
  readonly allowMaskedChip?: boolean;
  /** Clouds whose VLEK is accepted; all by default. */
  readonly clouds?: readonly string[];
}
