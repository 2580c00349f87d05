import type { Command } from '../cli/command.ts';
import { audit } from './audit.ts';
import { bench } from './bench.ts';
import { collateral } from './collateral.ts';
import { devnet } from './devnet.ts';
import { get } from './get.ts';
import { infer } from './infer.ts';
import { keys } from './keys.ts';
import { kv } from './kv.ts';
import { light } from './light.ts';
import { node } from './node.ts';
import { publish } from './publish.ts';
import { put } from './put.ts';
import { receipt } from './receipt.ts';
import { sample } from './sample.ts';
import { status } from './status.ts';
import { tx } from './tx.ts';
import { verify } from './verify.ts';

/** In the order in which `--help` lists them. */
export const COMMANDS: readonly Command[] = [
  devnet,
  node,
  light,
  publish,
  sample,
  put,
  get,
  keys,
  tx,
  kv,
  infer,
  receipt,
  audit,
  verify,
  collateral,
  status,
  bench,
];
