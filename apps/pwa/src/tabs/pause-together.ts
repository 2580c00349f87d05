/**
 * A pause is one of all tabs: else another would go on in place of the one that was paused.
 *
 * @param onPaused somebody paused or resumed in another tab
 * @returns tells the others
 */
export function pauseTogether(onPaused: (paused: boolean) => void): (paused: boolean) => void {
  const channel = new BroadcastChannel('perigee/paused');
  channel.onmessage = ({ data }) => {
    if (typeof data === 'boolean') onPaused(data);
  };
  return (paused) => channel.postMessage(paused);
}
