import { PerigeeError } from '@perigee/wire';
import type { LightStore } from './light-store.ts';

/** The store of a light node that is to leave nothing behind. */
export function nothingKept(): LightStore {
  const no = async (): Promise<boolean> => false;
  return {
    view: undefined,
    evidenceViews: [],
    header: async () => undefined,
    keepHeader: no,
    dropHeader: no,
    verdicts: async () => [],
    keepVerdict: no,
    rows: async () => [],
    keepRows: no,
    evidence: async (id) => {
      throw new PerigeeError('NOT_FOUND', `there is no evidence "${id.slice(0, 80)}" here`);
    },
    keepEvidence: no,
    value: async () => undefined,
    keepValue: no,
    changeValue: no,
    close: async () => {},
  };
}
