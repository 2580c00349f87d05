/**
 * Calls back when a CSS pixel has another number of device pixels, as in a window that was moved to another screen, until the returned function is
 * called. The size in CSS pixels need not change with it, so that no ResizeObserver would tell.
 */
export function onPixelRatioChange(listener: () => void): () => void {
  let forget = (): void => {};
  const watch = (): void => {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`); // says only that this one is left
    const onChange = (): void => {
      forget();
      watch();
      listener();
    };
    query.addEventListener('change', onChange);
    forget = () => query.removeEventListener('change', onChange);
  };
  watch();
  return () => forget();
}
