/** The query parameter in which servers that pass a stream on leave their names, with commas between them. */
export const HOPS_PARAM = "hops";

/**
 * The header in which they leave them where the query is not theirs to change: a server of another kind may take it for a part of
 * a key or of a signature, but takes no notice of a header that it does not know.
 */
export const HOPS_HEADER = "sluice-hops";

/** The same in RTMP: a property of `connect`, which is an object for the same reason (RTMP 1.0, section 7.2.1.1). */
export const HOPS_PROPERTY = "sluiceHops";

/** Adds to a query what came beside it: from there on there is no difference. */
export function addHops(params: URLSearchParams, hops: string | undefined): void {
  if (hops) params.append(HOPS_PARAM, hops);
}
