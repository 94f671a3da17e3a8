import { quoted } from "../kernel/names.ts";

const MAX_PORT = 65_535;

/** What is wrong with a host to listen on, in a sentence; undefined for a good one. */
export function hostFault(host: string): string | undefined {
  if (/^(\[[\da-fA-F:.]+\]|[\w.:-]+)$/.test(host)) return undefined;
  return `${quoted(host)} is no host to listen on, as 0.0.0.0 is one.`;
}

/** What is wrong with a port to listen on, in a sentence; undefined for a good one. */
export function portFault(port: string): string | undefined {
  if (/^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT) return undefined;
  return `${quoted(port)} is no port: it has to be a whole number from 0 to ${MAX_PORT}.`;
}

/** A host without the brackets that IPv6 has in addresses. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
