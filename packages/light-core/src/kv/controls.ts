/** Changes of rights in a stream, by 0G's numbers and names. */

/** Numbers are 0G's. The upper half of each tells its kind: of those of one kind, stream, key and account the last one counts. */
export const KV_CONTROL = {
  grantAdmin: 0x00,
  renounceAdmin: 0x01,
  setKeyToSpecial: 0x10,
  setKeyToNormal: 0x11,
  grantWriter: 0x20,
  revokeWriter: 0x21,
  renounceWriter: 0x22,
  grantSpecialWriter: 0x30,
  revokeSpecialWriter: 0x31,
  renounceSpecialWriter: 0x32,
} as const;
export type KvControlName = keyof typeof KV_CONTROL;

/** One change of rights, with the fields that its kind has. */
export interface KvControl {
  readonly name: KvControlName;
  /** 32 bytes. */
  readonly stream: Uint8Array;
  readonly key?: Uint8Array;
  /** 20 bytes. */
  readonly account?: Uint8Array;
}

interface Form {
  readonly name: KvControlName;
  readonly hasKey: boolean;
  readonly hasAccount: boolean;
  /** In results. */
  readonly word: string;
}

const FORMS: ReadonlyMap<number, Form> = /* @__PURE__ */ new Map(
  (
    [
      ['grantAdmin', false, true, 'GRANT_ADMIN_ROLE'],
      ['renounceAdmin', false, false, 'RENOUNCE_ADMIN_ROLE'],
      ['setKeyToSpecial', true, false, 'SET_KEY_TO_SPECIAL'],
      ['setKeyToNormal', true, false, 'SET_KEY_TO_NORMAL'],
      ['grantWriter', false, true, 'GRANT_WRITER_ROLE'],
      ['revokeWriter', false, true, 'REVOKE_WRITER_ROLE'],
      ['renounceWriter', false, false, 'RENOUNCE_WRITER_ROLE'],
      ['grantSpecialWriter', true, true, 'GRANT_SPECIAL_WRITER_ROLE'],
      ['revokeSpecialWriter', true, true, 'REVOKE_SPECIAL_WRITER_ROLE'],
      ['renounceSpecialWriter', true, false, 'RENOUNCE_SPECIAL_WRITER_ROLE'],
    ] as const
  ).map(([name, hasKey, hasAccount, word]) => [KV_CONTROL[name], { name, hasKey, hasAccount, word }]),
);

/** `undefined` for a number that no operation has. */
export function controlForm(number: number): Form | undefined {
  return FORMS.get(number);
}
