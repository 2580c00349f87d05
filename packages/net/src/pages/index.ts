export { drawSome } from './draw.ts';
export { Introductions } from './introductions.ts';
export { pageProtocol } from './protocols.ts';
