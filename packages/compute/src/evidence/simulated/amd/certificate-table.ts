import { concat, fromHex, u32le } from '@perigee/wire';

/** The entries of a certificate table, by who is certified (GHCB specification, "extended guest request"), as the bytes of their GUIDs. */
const GUIDS = {
  vcek: '63da758d-e664-4564-adc5-f4b93be8accd',
  ask: '4ab7b379-bbac-4fe4-a02f-05aef327c782',
  ark: 'c0b406a4-a803-4952-9743-3fb6014cd0ae',
} as const;

const ENTRY_BYTES = 24;

/** What a host gives its guest beside a report: certificates, DER, behind a table of GUID, offset and length. It is what `auxblob` of configfs-tsm holds. */
export function certificateTable(certificates: { readonly [name in keyof typeof GUIDS]?: Uint8Array }): Uint8Array {
  const entries = (Object.keys(GUIDS) as (keyof typeof GUIDS)[]).flatMap((name) => {
    const der = certificates[name];
    return der === undefined ? [] : [{ guid: GUIDS[name], der }];
  });
  let offset = (entries.length + 1) * ENTRY_BYTES;
  const heads = entries.map(({ guid, der }) => {
    const head = concat(guidBytes(guid), u32le(offset), u32le(der.length));
    offset += der.length;
    return head;
  });
  return concat(...heads, new Uint8Array(ENTRY_BYTES), ...entries.map(({ der }) => der));
}

/** In the order in which it is written. */
function guidBytes(guid: string): Uint8Array {
  return fromHex(guid.replaceAll('-', ''));
}
