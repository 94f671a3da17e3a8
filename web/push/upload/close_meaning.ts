/** What a page does when its connection has been closed. */
export type CloseMeaning =
  /** Connect again by itself: the server restarts, or the network broke. */
  | "retry"
  /** The stream's name is taken: by whom was there before, which may be ourselves on a connection that has broken. */
  | "taken"
  /** Only a person can help: another key, another name. */
  | "refused";

/** Sluice closes a WebSocket with this plus the HTTP status that would say the same. */
const STATUS_BASE = 4000;

/** Sorts the code with which a publisher's WebSocket was closed (RFC 6455, section 7.4.1, or 4000 and an HTTP status). */
export function closeMeaning(code: number): CloseMeaning {
  switch (code) {
    case 1000:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return "refused";
    case STATUS_BASE + 409:
      return "taken";
    case STATUS_BASE + 408:
    case STATUS_BASE + 429:
      return "retry";
    default:
      return code > STATUS_BASE && code < STATUS_BASE + 500 ? "refused" : "retry";
  }
}

/** What is said of a close for which the server gave no words. */
export function closeWords(code: number, reason: string, wasOpen: boolean): string {
  if (reason !== "") return reason;
  if (code === 1000) return "The server ended the stream";
  if (code === 1001 || code === 1012) return "The server is restarting";
  if (code === 1006) return wasOpen ? "The connection to the server broke" : "The server cannot be reached";
  return `The server closed the connection with code ${code}`;
}
