/** The parts of the page, in the order in which they are offered. The first one is shown where an address names none. */
export const OFFERED = ['live', 'blobs', 'storage', 'kv', 'compute', 'evidence', 'network', 'settings'] as const;
/** All of them: the last is a part of the figures of the network, which leads there. */
export const VIEWS = [...OFFERED, 'bench'] as const;

export type ViewName = (typeof VIEWS)[number];
export type OfferedName = (typeof OFFERED)[number];

/** @returns the view of a part of an address that begins with a slash; `undefined` for any other */
export function viewOf(part: string): ViewName | undefined {
  return VIEWS.find((view) => part === `/${view}`);
}
