import { type MessageStream, type StreamMuxerFactory, StreamStateError } from '@libp2p/interface';
import { yamux } from '@libp2p/yamux';

type MuxerOptions = NonNullable<Parameters<typeof yamux>[0]>;

/**
 * Yamux whose streams end with a connection that closes under them.
 *
 * A stream of @libp2p/yamux 8 says hello in a microtask of its own: where the connection began to close since it was made, that throws where
 * nobody can catch it, and ends the process.
 */
export function createMuxer(options: MuxerOptions): () => StreamMuxerFactory {
  const create = yamux(options);
  return () => {
    const factory = create();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection: MessageStream) => {
      const muxer = createStreamMuxer(connection);
      const send = muxer.send.bind(muxer);
      muxer.send = (data) => {
        try {
          return send(data);
        } catch (error) {
          if (!(error instanceof StreamStateError)) throw error;
          return false; // streams wait for room, until the connection is closed and they with it
        }
      };
      return muxer;
    };
    return factory;
  };
}
