import { IS_AT_WORK } from './messages.ts';

/** A page that has said nothing for so long shows nothing, or is of a release that knows no such question, milliseconds. */
const ANSWER_MS = 2_000;

/** Asked by a service worker before it loads a page anew. @returns whether something goes on there that would be lost */
export function isPageAtWork(
  page: { postMessage(message: unknown, transfer: Transferable[]): void },
  waitMs: number = ANSWER_MS,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (works: boolean): void => {
      clearTimeout(timer);
      port1.close();
      resolve(works);
    };
    const timer = setTimeout(() => end(false), waitMs);
    port1.onmessage = ({ data }) => end(data === true);
    page.postMessage(IS_AT_WORK, [port2]);
  });
}
