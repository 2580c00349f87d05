import type { BlobView, Outcome } from '@perigee/sampler';
import { blobPhase, outcome as words } from '../strings/index.ts';

/** A shape of its own for each, in 16 × 16 units. */
const SHAPES: Record<Outcome | 'open', string> = {
  available: 'M3 8.5l3.5 3.5L13 4.5',
  unavailable: 'M4 4l8 8M12 4l-8 8',
  inconclusive: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.7M8 12.6v.1',
  badEncoding: 'M8 2.5l6 11H2zM8 6.5v3.4M8 11.7v.1',
  expired: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2.2 1.6',
  open: 'M4 8h.01M8 8h.01M12 8h.01',
};

/** What sampling came to, or how far it is: a mark and a word. What an earlier visit found has no colour: it is not known now. */
export function OutcomeChip({ blob }: { readonly blob: BlobView }) {
  const { outcome, phase, earlier } = blob;
  return (
    <span class="chip outcome" data-outcome={earlier ? undefined : outcome}>
      <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d={SHAPES[outcome ?? 'open']} />
      </svg>
      {outcome === undefined ? blobPhase[phase] : words[outcome].name}
    </span>
  );
}
