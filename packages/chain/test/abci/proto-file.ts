/** Reads `.proto` files as simple as ours, and writes messages from what they say: apart from the codec, to be held against it. */
import { prefix } from './client.ts';

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly isRepeated: boolean;
  /** Go writes it even when it is empty. */
  readonly isAlwaysWritten: boolean;
}

const INTEGERS = ['int32', 'int64', 'uint32', 'uint64', 'bool'];

export class ProtoFile {
  readonly messages = new Map<string, readonly Field[]>();
  readonly #enums = new Set<string>();

  constructor(text: string) {
    this.messages.set('google.protobuf.Timestamp', [scalar('seconds', 1, 'int64'), scalar('nanos', 2, 'int32')]);
    this.messages.set('google.protobuf.Duration', [scalar('seconds', 1, 'int64'), scalar('nanos', 2, 'int32')]);
    for (const [, kind, name = '', body = ''] of text.matchAll(/^(message|enum) (\w+) \{(\}|.*?^\})/gms)) {
      if (kind === 'enum') this.#enums.add(name);
      else this.messages.set(name, fieldsOf(body));
    }
  }

  /** Fields of a message. */
  fields(name: string): readonly Field[] {
    const fields = this.messages.get(name);
    if (fields === undefined) throw new Error(`there is no message ${name}`);
    return fields;
  }

  /** A message with all its fields set, lists with two entries. */
  full(name: string): Buffer {
    return Buffer.concat(
      this.fields(name).flatMap((field) => {
        if (!field.isRepeated) return [this.#field(field)];
        if (!this.#isNumber(field)) return [this.#field(field), this.#field(field)];
        const packed = Buffer.concat([prefix(field.number), prefix(field.number + 300)]);
        return [tag(field.number, 2), prefix(packed.length), packed];
      }),
    );
  }

  /** A message as Go writes it with nothing set. */
  empty(name: string): Buffer {
    return Buffer.concat(
      this.fields(name)
        .filter(({ isAlwaysWritten }) => isAlwaysWritten)
        .map(({ number, type }) => delimited(number, this.empty(type))),
    );
  }

  #isNumber({ type }: Field): boolean {
    return INTEGERS.includes(type) || this.#enums.has(type);
  }

  #field(field: Field): Buffer {
    const { number, type } = field;
    if (this.#isNumber(field)) {
      // the first value of every enumeration besides "unknown" is 1
      return Buffer.concat([tag(number, 0), prefix(type === 'bool' || this.#enums.has(type) ? 1 : 200 + number)]);
    }
    if (type === 'bytes') return delimited(number, Buffer.alloc(20, number));
    if (type === 'string') return delimited(number, Buffer.from(`text ${number}`));
    return delimited(number, this.full(type));
  }
}

function fieldsOf(body: string): Field[] {
  const lines = body.matchAll(/^\s*(repeated )?([\w.]+) (\w+) = (\d+);(.*)$/gm);
  return [...lines].map(([, repeated, type = '', name = '', number, comment = '']) => ({
    name,
    number: Number(number),
    type,
    isRepeated: repeated !== undefined,
    isAlwaysWritten: comment.includes('always written'),
  }));
}

function scalar(name: string, number: number, type: string): Field {
  return { name, number, type, isRepeated: false, isAlwaysWritten: false };
}

function tag(number: number, wire: number): Buffer {
  return prefix(number * 8 + wire);
}

function delimited(number: number, body: Uint8Array): Buffer {
  return Buffer.concat([tag(number, 2), prefix(body.length), body]);
}
