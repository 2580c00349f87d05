/** Members that serve blobs that are wrong in themselves. */
import { type Coded, servesAll } from '../../../tests/kit/adversaries/coding.ts';
import { startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import type { LocalNetwork } from '../../../tests/kit/local-network.ts';
import { withLiar } from './light.ts';

export { badlyCoded } from '../../../tests/kit/adversaries/coding.ts';

/** Every member serves every row of it. */
export async function colludeOn(network: LocalNetwork, blob: Coded): Promise<void> {
  const rows = servesAll(blob);
  await Promise.all(network.members.map((member) => withLiar(startMemberLiar(network, member, { rows }))));
}
