import type { Command } from '../cli/command.ts';

/**
 * In the order in which `--help` lists them. Each is loaded when it is asked for: to read the whole program takes longer than most commands have to do.
 */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  devnet: async () => (await import('./devnet.ts')).devnet,
  node: async () => (await import('./node.ts')).node,
  light: async () => (await import('./light.ts')).light,
  publish: async () => (await import('./publish.ts')).publish,
  sample: async () => (await import('./sample.ts')).sample,
  put: async () => (await import('./put.ts')).put,
  get: async () => (await import('./get.ts')).get,
  keys: async () => (await import('./keys.ts')).keys,
  tx: async () => (await import('./tx.ts')).tx,
  kv: async () => (await import('./kv.ts')).kv,
  infer: async () => (await import('./infer.ts')).infer,
  receipt: async () => (await import('./receipt.ts')).receipt,
  audit: async () => (await import('./audit.ts')).audit,
  verify: async () => (await import('./verify.ts')).verify,
  collateral: async () => (await import('./collateral.ts')).collateral,
  status: async () => (await import('./status.ts')).status,
  bench: async () => (await import('./bench.ts')).bench,
};

/** The command of this name, where there is one. */
export function commandOf(name: string): Promise<Command> | undefined {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}

/** All of them, for `--help`, and for whoever has to know every option. */
export function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}
