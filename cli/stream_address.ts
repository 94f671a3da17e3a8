import { addressFault } from "../plugins/shared/relay/address.ts";

/**
 * What is wrong with the address of a stream, in a sentence; undefined for a good one. `what` is what the command line calls
 * it. The address itself is not shown: it may hold a key.
 */
export function streamAddressFault(what: string, address: string): string | undefined {
  if (/[{}]/.test(address)) return `${what} has braces in it, which no address has.`;
  const fault = addressFault(address);
  if (fault !== undefined) return `${what} cannot be used: ${fault}.`;
  if (URL.parse(address)!.pathname.replace(/\/+$/, "") !== "") return undefined;
  return `${what} cannot be used: it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM.`;
}
