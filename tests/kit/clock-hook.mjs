/** Loaded by `--import` into a process whose clock shall be wrong: PERIGEE_CLOCK_OFFSET_MS is added to every time of day. */
const offset = Number(process.env.PERIGEE_CLOCK_OFFSET_MS ?? 0);
const { now } = Date;
const wrong = () => now() + offset;

globalThis.Date = new Proxy(Date, {
  get: (target, name) => (name === 'now' ? wrong : Reflect.get(target, name)),
  construct: (target, given, self) => Reflect.construct(target, given.length === 0 ? [wrong()] : given, self),
});
