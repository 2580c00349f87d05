import { createHost, type Host, type KnownPeer, open, serve } from '@perigee/net';
import { inferenceProtocol, providerEvidenceProtocol } from '@perigee/net/inference';
import { InferenceCall, InferenceFrame, type ProviderEvidenceAnswer } from '@perigee/wire';

/** Carries what a provider says, and changes what it is told to. */
export class Relay {
  readonly host: Host;
  readonly #provider: KnownPeer;
  change: (frame: InferenceFrame) => InferenceFrame = (frame) => frame;
  changeCall: (call: InferenceCall) => InferenceCall = (call) => call;
  changeEvidence: (answer: ProviderEvidenceAnswer) => ProviderEvidenceAnswer = (answer) => answer;
  /** Of those with an order, the last. */
  asked: InferenceCall | undefined;
  /** All that it read of questions and answers. */
  readonly captured: Uint8Array[] = [];

  private constructor(host: Host, provider: KnownPeer) {
    this.host = host;
    this.#provider = provider;
  }

  /** Another to the same provider, with a fault. */
  async lying(fault: Partial<Pick<Relay, 'change' | 'changeEvidence'>>): Promise<Relay> {
    return Object.assign(await Relay.start(this.#provider), fault);
  }

  static async start(provider: KnownPeer): Promise<Relay> {
    const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    const relay = new Relay(host, provider);
    await serve(host, inferenceProtocol, async function* (call, { signal }) {
      if (call.order !== undefined) relay.asked = call;
      relay.captured.push(InferenceCall.encode(call));
      for await (const frame of open(host, provider, inferenceProtocol).call(relay.changeCall(call), { signal })) {
        relay.captured.push(InferenceFrame.encode(frame));
        yield relay.change(frame);
      }
    });
    await serve(host, providerEvidenceProtocol, async (request, { signal }) =>
      relay.changeEvidence(await open(host, provider, providerEvidenceProtocol).callOne(request, { signal })),
    );
    return relay;
  }

  get address(): string {
    return `${this.host.multiaddrs()[0]}/p2p/${this.host.peerId}`;
  }
}

/** With one bit of one byte changed. */
export function flipped(bytes: Uint8Array, place = bytes.length >> 1): Uint8Array {
  return bytes.map((byte, i) => (i === place ? byte ^ 1 : byte));
}
