import type { EventKind, NodeEvent } from '@perigee/sampler';
import { bits } from '../format.ts';

export interface EventFilter {
  /** `undefined` lets all pass. */
  readonly kind: EventKind | undefined;
  /** Found in what an event is about or in its values, whatever the case. */
  readonly text: string;
}

/** @param events newest last @returns those that pass, newest first */
export function filterEvents(events: readonly NodeEvent[], { kind, text }: EventFilter): readonly NodeEvent[] {
  const wanted = text.trim().toLowerCase();
  return events.filter((event) => (kind === undefined || event.kind === kind) && matches(event, wanted)).reverse();
}

function matches({ about, data }: NodeEvent, wanted: string): boolean {
  return wanted === '' || `${about} ${describeData(data)}`.toLowerCase().includes(wanted);
}

/** The values of an event in one line: `offset 12 ms, outcome available`. */
export function describeData(data: NodeEvent['data']): string {
  return Object.entries(data)
    .map(([name, value]) => {
      const [, words = name, unit = ''] = /^(.+?)(Ms)?$/.exec(name) ?? [];
      const spoken = words.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const shown = typeof value === 'number' && !Number.isInteger(value) ? bits(value) : value;
      return `${spoken} ${shown}${unit === '' ? '' : ' ms'}`;
    })
    .join(', ');
}

/** The events as a file or on a clipboard. */
export function eventsAsJson(events: readonly NodeEvent[]): string {
  return JSON.stringify(events, undefined, 2);
}
