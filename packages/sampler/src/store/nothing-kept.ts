import { PerigeeError } from '@perigee/wire';
import type { EvidenceView } from '../state.ts';
import type { LightStore } from './light-store.ts';

/** Evidence files in memory at once. */
const MAX_REMEMBERED = 8;

/** The store of a light node that is to leave nothing behind: evidence lives as long as the node, all else is forgotten at once. */
export function nothingKept(onChange: () => void): LightStore {
  const evidence = new Map<string, { readonly view: EvidenceView; readonly file: Uint8Array }>();
  const no = async (): Promise<boolean> => false;
  return {
    view: undefined,
    get evidenceViews() {
      return [...evidence.values()].map(({ view }) => view);
    },
    header: async () => undefined,
    keepHeader: no,
    dropHeader: no,
    verdicts: async () => [],
    keepVerdict: no,
    rows: async () => [],
    keepRows: no,
    async evidence(id) {
      const found = evidence.get(id);
      if (found === undefined) throw new PerigeeError('NOT_FOUND', `there is no evidence ${id}`);
      return found.file;
    },
    async keepEvidence(view, file) {
      if (!evidence.has(view.id)) evidence.set(view.id, { view, file });
      const [oldest] = evidence.keys();
      if (evidence.size > MAX_REMEMBERED && oldest !== undefined) evidence.delete(oldest);
      onChange();
      return false;
    },
    close: async () => {},
  };
}
