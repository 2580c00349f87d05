/** Brings a heading into view, with the keyboard's focus: what comes next is below it. @param id of an element that can take the focus */
export function goTo(id: string): void {
  const target = document.getElementById(id);
  target?.scrollIntoView({ block: 'start' });
  target?.focus({ preventScroll: true });
}
