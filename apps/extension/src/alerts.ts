import type { LightNodeState } from '@perigee/sampler';

/** What a person should hear of: data that is withheld or wrongly coded, headers that contradict each other. */
export function alertsOf({ blobs, events }: LightNodeState): readonly { readonly kind: string; readonly about: string }[] {
  return [
    ...blobs.flatMap(({ blobId, outcome, earlier }) =>
      !earlier && (outcome === 'unavailable' || outcome === 'badEncoding') ? [{ kind: outcome, about: blobId }] : [],
    ),
    ...events.flatMap(({ kind, about }) => (kind === 'conflict' ? [{ kind, about }] : [])),
  ];
}
