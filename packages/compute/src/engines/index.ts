export type { ChatModel, DrawParameters, EmbeddingModel, Engine, GeneratedPiece, Model } from './engine.ts';
export { createInt8Engine } from './int8-engine.ts';
