/**
 * Protocol Buffers (proto3) as data: a message is described once, with its bounds, and read and written from that description.
 * Bounds are part of the description, so nothing from a peer is allocated before it is known to be small enough.
 *
 * Everything here is marked free of side effects, so that a bundle holds only the messages that it uses.
 *
 * Two ways to read: `decode` skips unknown fields (gossip, answers of newer peers); `decodeCanonical` accepts only the bytes that
 * `encode` would write (transactions, everything that is hashed or signed).
 */

export * from './composites.ts';
export type { FieldType } from './field.ts';
export { type Infer, type Message, message } from './message.ts';
export * from './scalars.ts';
