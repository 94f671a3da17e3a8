/** What FNV-1a begins with. */
export const FNV_BASIS: number = 0x811c9dc5;

/** A text's hash, 32 bits, begun with `basis`: FNV-1a (draft-eastlake-fnv-21, section 2) over its UTF-16 code units. */
export function fnv1a(text: string, basis: number = FNV_BASIS): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
