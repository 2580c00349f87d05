/** Bounds of the int8 model (docs/model.md). A weights file and a prompt come from anyone. */

/** Bytes of a weights file: what a page may be asked to load for a re-execution. */
export const MAX_WEIGHTS_BYTES = 16 * 1024 * 1024;
/** Tokens of a vocabulary, and so rows of the largest matrix. */
export const MAX_MODEL_VOCABULARY = 4_096;
/** Numbers in the state of a token. Squares of 12 bits, this many of them, are summed in 32 bits. */
export const MAX_MODEL_WIDTH = 256;
/** Columns of any matrix: int8 times 15 bits, this many of them, are summed in 31 bits. */
export const MAX_MODEL_COLUMNS = 1_024;
export const MAX_MODEL_LAYERS = 16;
export const MAX_MODEL_HEADS = 16;
/** Positions that one attends to: the memory of a generation is in proportion. */
export const MAX_MODEL_WINDOW = 1_024;
/** Tokens of prompt and answer together that a weights file may allow: the work of a request is in proportion. */
export const MAX_MODEL_CONTEXT = 4_096;
/** Bytes of a token: bounds the work of encoding a long word. */
export const MAX_TOKEN_BYTES = 32;
/** Bytes of a model's name. */
export const MAX_MODEL_NAME_BYTES = 64;
/** Most likely tokens among which one is chosen. */
export const MAX_TOP_K = 4_096;
/** Tokens of a prompt that are read between two chances to give up. */
export const PROMPT_TOKENS_PER_STEP = 64;
