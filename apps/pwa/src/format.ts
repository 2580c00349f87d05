/** Numbers, sizes, times and ids as people read them. Pure: the same value gives the same words. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const DAY_MS = 86_400_000;

export function count(value: number | bigint): string {
  return whole.format(value);
}

/** Bytes in binary units: `512 B`, `8 KiB`, `3.9 MiB`, `1 GiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${whole.format(bytes)} B`;
  if (bytes < 1024 * 1024) return `${tenth.format(bytes / 1024)} KiB`;
  if (bytes < 1024 ** 3) return `${tenth.format(bytes / 1024 ** 2)} MiB`;
  return `${tenth.format(bytes / 1024 ** 3)} GiB`;
}

/** A measured duration: `0.4 ms`, `12 ms`, `1.2 s`. */
export function milliseconds(ms: number): string {
  if (ms < 10) return `${tenth.format(ms)} ms`;
  if (ms < 1000) return `${whole.format(ms)} ms`;
  return `${tenth.format(ms / 1000)} s`;
}

export function microseconds(us: number): string {
  return us < 1000 ? `${whole.format(us)} µs` : milliseconds(us / 1000);
}

/** How long ago, in the two largest units that say it. A time ahead of the clock is `0 s`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** A time of day, with the date when it is not within a day of `nowMs`. */
export function time(ms: number, nowMs: number): string {
  return (Math.abs(nowMs - ms) < DAY_MS ? clock : moment).format(ms);
}

/** A share from 0 to 1, rounded down: all but a little is never shown as all. */
export function percent(share: number): string {
  return `${tenth.format(Math.floor(share * 1000) / 10)} %`;
}

/** First and last digits of a hash, a root or an id; the whole stays in a title. */
export function shortHex(hex: string): string {
  return hex.length <= 16 ? hex : `${hex.slice(0, 8)}…${hex.slice(-6)}`;
}

/** An account's address or a public key, as `keyText` of `@perigee/wire` has it. @param hex digits */
export function keyOf(hex: string): string {
  return `0x${hex}`;
}

/** First and last digits of that. */
export function shortKey(hex: string): string {
  return keyOf(shortHex(hex));
}

/** What an error says, as a whole sentence. A name of a file or a field at its beginning stays as it is. */
export function sentence(message: string): string {
  const text = /^[a-z]+[ ,:]/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Peer ids of one key type begin alike, so the end is what tells them apart. */
export function shortPeer(peerId: string): string {
  return peerId.length <= 10 ? peerId : `…${peerId.slice(-8)}`;
}

/** A namespace as text when every byte of it is a visible ASCII character, else its hexadecimal digits. */
export function namespace(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const codes = bytes.map((byte) => Number.parseInt(byte, 16));
  const visible = codes.length > 0 && codes.every((code) => code > 0x20 && code < 0x7f);
  return visible ? String.fromCharCode(...codes) : hex;
}

/** Bits of confidence, rounded down like all that is claimed: `40.2`. */
export function bits(value: number): string {
  return tenth.format(Math.floor(value * 10) / 10);
}

const LARGE = ['', ' thousand', ' million', ' billion', ' trillion'] as const;

/** How rare an event of 2^-bits is, in words: `1 in 1.1 trillion`. Rounded towards the more frequent. */
export function oneIn(bitsOf: number): string {
  const value = 2 ** Math.max(0, bitsOf);
  const place = Math.min(LARGE.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** place;
  if (scaled >= 1000) return `less than 1 in 1,000${LARGE[place]}`;
  return `1 in ${tenth.format(Math.floor(scaled * 10) / 10)}${LARGE[place]}`;
}

/** A fraction of small whole numbers as it is written by hand: `1/4`. */
export function fraction(over: number, under: number): string {
  const divisor = greatestCommonDivisor(over, under);
  return `${over / divisor}/${under / divisor}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
