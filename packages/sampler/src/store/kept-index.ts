import type { BlobView, EvidenceView } from '../state.ts';
import { readRecords, unseal } from './seal.ts';
import type { StoreBackend } from './store-backend.ts';
import { objectOf, verdictFromBytes } from './verdict.ts';

/** What keys of entries, and names of files, begin with. */
export const VERDICT = 'verdict-';
export const ROWS = 'rows-';
export const EVIDENCE = 'evidence-';

/** What lies on the device, by name: sizes in bytes, what was used longest ago first. */
export interface Index {
  readonly files: Map<string, number>;
  readonly entries: Map<string, number>;
  readonly verdicts: Map<string, BlobView>;
  readonly evidence: Map<string, EvidenceView>;
}

export function emptyIndex(): Index {
  return { files: new Map(), entries: new Map(), verdicts: new Map(), evidence: new Map() };
}

export function foundAt({ outcomeAtMs }: BlobView): number {
  return outcomeAtMs ?? 0;
}

/** Now the one used last. */
export function touch(files: Map<string, number>, name: string): void {
  const bytes = files.get(name);
  if (bytes === undefined) return;
  files.delete(name);
  files.set(name, bytes);
}

/** Reads what is kept. What is damaged, or was not whole when a crash came, is left out, and removed where this may write. */
export async function loadIndex(backend: StoreBackend): Promise<Index> {
  const index = emptyIndex();
  const verdicts: BlobView[] = [];
  for (const [key, sealed] of await backend.entries()) {
    const value = unseal(key, sealed);
    const isVerdict = key.startsWith(VERDICT);
    const verdict = isVerdict && value !== undefined ? verdictFromBytes(key.slice(VERDICT.length), value) : undefined;
    if (value === undefined || (isVerdict && verdict === undefined)) {
      if (backend.writable()) await backend.write(new Map([[key, undefined]]));
      continue;
    }
    index.entries.set(key, sealed.length);
    if (verdict !== undefined) verdicts.push(verdict);
  }
  for (const verdict of verdicts.sort((a, b) => foundAt(a) - foundAt(b))) index.verdicts.set(verdict.blobId, verdict);
  const files = [...(await backend.files())].sort((a, b) => a.modifiedMs - b.modifiedMs);
  for (const { name, bytes } of files) {
    index.files.set(name, bytes);
    if (!name.startsWith(EVIDENCE)) continue;
    const { payloads } = readRecords(name, (await backend.readFile(name)) ?? new Uint8Array(0));
    const [head, file] = payloads;
    const view = head === undefined ? undefined : objectOf<EvidenceView>(head);
    if (view?.id === name.slice(EVIDENCE.length) && file !== undefined) {
      index.evidence.set(view.id, view);
    } else if (backend.writable()) {
      // nobody was told of it, or it is damaged
      await backend.removeFile(name);
      index.files.delete(name);
    }
  }
  return index;
}
