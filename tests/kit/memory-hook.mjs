/** Loaded by `--import` into a process that ends by itself: it says how much memory it had at most. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) process.on('exit', () => process.stderr.write(`PEAK ${process.resourceUsage().maxRSS}\n`));
