import { MAX_WEBTRANSPORT_MEMORY_BYTES, MAX_WEBTRANSPORT_MEMORY_LOOKS } from '@perigee/wire';

/** Says what is to be done about the memory of this process, look by look. */
export class MemoryWatch {
  #above = 0;

  /**
   * @param bytes that the process has
   * @param guests who hold some of it
   * @returns `shed` to end some of them; `end` when nobody is left to give any back, or what was given back did not help for MAX_WEBTRANSPORT_MEMORY_LOOKS
   *   looks: it leaks then, and the node starts another
   */
  look(bytes: number, guests: number): 'nothing' | 'shed' | 'end' {
    if (bytes < MAX_WEBTRANSPORT_MEMORY_BYTES) {
      this.#above = 0;
      return 'nothing';
    }
    this.#above++;
    return guests === 0 || this.#above > MAX_WEBTRANSPORT_MEMORY_LOOKS ? 'end' : 'shed';
  }
}
