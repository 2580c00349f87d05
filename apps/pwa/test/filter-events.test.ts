import { describe, expect, it } from 'vitest';
import { describeData, eventsAsJson, filterEvents } from '../src/view/filter-events.ts';
import { SNAPSHOTS } from './snapshots.ts';

const { events } = SNAPSHOTS.sampled;

describe('filterEvents', () => {
  it('gives all, newest first', () => {
    expect(filterEvents(events, { kind: undefined, text: '' }).map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('takes one kind, and a text in what an event is about or in its values, whatever the case', () => {
    expect(filterEvents(events, { kind: 'head', text: '' })).toHaveLength(3);
    expect(filterEvents(events, { kind: undefined, text: ' AVAILABLE ' })).toHaveLength(1);
    expect(filterEvents(events, { kind: 'head', text: '12407' })).toHaveLength(1);
    expect(filterEvents(events, { kind: 'clock', text: '' })).toEqual([]);
  });

  it('shows values rounded down, and what people need not read to the last digit', () => {
    expect(describeData({ outcome: 'available', drawn: 20, bits: 40.26 })).toBe('outcome available, drawn 20, bits 40.2');
    expect(describeData({ offsetMs: -12, blobId: 'ab' })).toBe('offset -12 ms, blob id ab');
  });

  it('is exported as JSON that holds every value', () => {
    expect(JSON.parse(eventsAsJson(events))).toEqual(events);
  });
});
