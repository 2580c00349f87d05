/** Peers that have rows and do not give them. They give the prime, so that nothing else keeps a row from its verdict. */
import { ROW_STATUS, type RowAnswer, type RowsRequest } from '@perigee/wire';
import type { RowLie } from './liar.ts';

/** The same refusal for every row. */
export function refuseRows(status: Exclude<keyof typeof ROW_STATUS, 'row'>): RowLie {
  return rowsOnly(async function* ({ indices }) {
    for (const index of indices) yield { index, status: ROW_STATUS[status] };
  });
}

/** Refuses some rows, whoever asks, and gives all others. */
export function withholdRows(withheld: ReadonlySet<number>): RowLie {
  return (honest) =>
    async function* (request, context) {
      const given = request.indices.filter((index) => !withheld.has(index));
      for (const index of request.indices) if (withheld.has(index)) yield { index, status: ROW_STATUS.refused };
      if (given.length > 0 || request.prime) {
        yield* honest({ ...request, indices: given }, context) as AsyncIterable<RowAnswer>;
      }
    };
}

/** Too busy for the first requests, as an honest peer under load is. */
export function busyAtFirst(requests: number): RowLie {
  let left = requests;
  return (honest) => (request, context) => {
    const handler = request.indices.length > 0 && left-- > 0 ? refuseRows('busy')(honest) : honest;
    return handler(request, context);
  };
}

/** Takes the question and says nothing, neither to rows nor to primes. */
export const silent: RowLie =
  () =>
  (_request, { signal }) =>
    never(signal);

/** Says nothing about rows. */
export const silentAboutRows: RowLie = rowsOnly((_request, signal) => never(signal));

/** Ends its answers after some rows, as if that were all. */
export function onlyFirst(count: number): RowLie {
  return (honest) =>
    async function* (request, context) {
      yield* honest({ ...request, indices: request.indices.slice(0, count) }, context) as AsyncIterable<RowAnswer>;
    };
}

/** Keeps silent once it has given some rows. @param act what it does then */
export function afterRows(count: number, act: () => void = () => {}): RowLie {
  return (honest) =>
    async function* (request, context) {
      let given = 0;
      for await (const answer of honest(request, context) as AsyncIterable<RowAnswer>) {
        yield answer;
        if (answer.proof !== undefined && ++given === count) {
          act();
          await never(context.signal);
        }
      }
    };
}

function rowsOnly(answer: (request: RowsRequest, signal: AbortSignal) => AsyncIterable<RowAnswer> | Promise<RowAnswer>): RowLie {
  return (honest) => (request, context) =>
    request.indices.length === 0 ? honest(request, context) : answer(request, context.signal);
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up')), { once: true }));
}
