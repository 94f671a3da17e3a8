/** File descriptors kept for recordings, segments, upstreams and the runtime itself. */
const RESERVE = 400;

/** What is assumed where the system does not tell: the smallest limit in common use. */
const ASSUMED_LIMIT = 1024;

/** A limit without bounds is treated as this one. */
const UNLIMITED = 1_000_000;

/**
 * Connections that the system holds until they are accepted, where many files may be open: as many as Linux allows by
 * default. A crowd that arrives within one busy moment finds room, and waiting takes none of the open files.
 */
const BACKLOG = 4096;

/**
 * Connections that one port may accept in one go before the surplus is closed again. Deno accepts 128, then lets others
 * have their turn; the rest is for those that are being closed.
 */
export const MOST_AT_ONCE = 256;

/** Where few files may be open, one in so many is a whole backlog, which may then be accepted in one go. */
const SMALL_SHARE = 16;

/** Ports that a server has as a rule: HTTP's and RTMP's. */
const PORTS = 2;

/** How many connections a server takes. */
export interface ConnectionLimits {
  /** Connections open at once. */
  readonly connections: number;
  /** Connections that wait to be accepted, on each port. */
  readonly backlog: number;
  /** False where the system does not tell how many files may be open. */
  readonly isKnown: boolean;
}

/**
 * How many connections the limit of open files allows.
 *
 * Many may be accepted in one go before the surplus is closed again, and a port that meets the limit of open files while
 * accepting is deaf for some seconds: so connections, those accepted at once and the reserve together stay below that
 * limit.
 *
 * @param read reads the file in which Linux tells a process its limits; rejects where there is none
 */
export async function connectionLimits(read: () => Promise<string> = readLimits): Promise<ConnectionLimits> {
  const known = await openFileLimit(read);
  const files = known ?? ASSUMED_LIMIT;
  const atOnce = Math.min(MOST_AT_ONCE, Math.ceil(files / SMALL_SHARE));
  const backlog = atOnce < MOST_AT_ONCE ? atOnce : BACKLOG;
  const connections = Math.max(files - PORTS * atOnce - RESERVE, Math.floor(files / 4));
  return { connections, backlog, isKnown: known !== undefined };
}

async function openFileLimit(read: () => Promise<string>): Promise<number | undefined> {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(await read())?.[1];
    return soft === "unlimited" ? UNLIMITED : Number(soft) || undefined;
  } catch {
    return undefined;
  }
}

/** Reads the file as a module of text, for which leave to read is enough: reading it as a file needs all permissions. */
async function readLimits(): Promise<string> {
  const file = "file:///proc/self/limits";
  const { default: text }: { default: string } = await import(file, { with: { type: "text" } });
  return text;
}
