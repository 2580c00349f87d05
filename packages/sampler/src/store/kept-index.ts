import type { BlobView, EvidenceView } from '../state.ts';

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
