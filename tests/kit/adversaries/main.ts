/** The program of an adversary: `node dist/test/programs/adversary.js '<AdversaryOptions>'`. */
import { startAdversary } from './adversary.ts';

const { ready, stop } = await startAdversary(JSON.parse(process.argv[2] ?? ''));
console.log(`READY ${JSON.stringify(ready)}`);
process.once('SIGTERM', () => void stop().finally(() => process.exit(0)));
