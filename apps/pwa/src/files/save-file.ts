/** How long the browser may take to begin reading what is saved, milliseconds. */
const READ_WITHIN_MS = 60_000;

/** Hands a file to the browser's downloads. @param name as `savedName` gives it */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS);
}
