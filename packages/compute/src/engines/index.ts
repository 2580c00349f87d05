export type { ChatModel, DrawParameters, EmbeddingModel, Engine, GeneratedPiece, Model } from './engine.ts';
