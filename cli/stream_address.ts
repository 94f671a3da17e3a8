import { addressFault, isPlaylist, namesStream } from "../plugins/shared/relay/address.ts";

/**
 * What is wrong with the address of a stream, in a sentence; undefined for a good one. `what` is what the command line calls
 * it. The address itself is not shown: it may hold a key.
 */
export function streamAddressFault(what: string, address: string): string | undefined {
  if (/[{}]/.test(address)) return `${what} has braces in it, which no address has.`;
  const fault = addressFault(address);
  if (fault !== undefined) return `${what} cannot be used: ${fault}.`;
  if (namesStream(address)) return undefined;
  return `${what} cannot be used: it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM.`;
}

/** The same of an address that a stream is to be published to. */
export function targetAddressFault(what: string, address: string): string | undefined {
  const fault = streamAddressFault(what, address);
  if (fault !== undefined || !isPlaylist(address)) return fault;
  return `${what} cannot be used: it is a playlist of HLS, which can only be pulled from.`;
}

/** Whether two good addresses are those of the same stream of the same server, asked for with the same query. */
export function isSameAddress(one: string, other: string): boolean {
  return new URL(one).href === new URL(other).href;
}
