import { MAX_EVIDENCE_FILES, MAX_EVIDENCE_MEMORY_BYTES } from '@perigee/wire';
import type { EvidenceView } from '../state.ts';

interface Kept {
  readonly view: EvidenceView;
  readonly file: Uint8Array;
}

/** Files of evidence in memory, bounded: the oldest go first. */
export class EvidenceBook {
  /** By id, oldest first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** Oldest first. */
  views(): EvidenceView[] {
    return [...this.#kept.values()].map(({ view }) => view);
  }

  get(id: string): Uint8Array | undefined {
    return this.#kept.get(id)?.file;
  }

  /** Takes the place of an earlier one of the same id. */
  keep(view: EvidenceView, file: Uint8Array): void {
    this.#drop(view.id);
    this.#kept.set(view.id, { view, file });
    this.#bytes += file.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_EVIDENCE_FILES && this.#bytes <= MAX_EVIDENCE_MEMORY_BYTES) break;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    this.#bytes -= this.#kept.get(id)?.file.length ?? 0;
    this.#kept.delete(id);
  }
}
