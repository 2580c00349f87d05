// @ts-check

/**
 * With what Node runs a chain: a young generation of up to 3 × 32 MiB instead of 3 × 16. Most of what a block makes has then gone before it is looked at, and
 * the collector takes half the time. V8 takes it only at the start of a process.
 */
export const NODE_FLAGS = ['--max-semi-space-size=32'];
