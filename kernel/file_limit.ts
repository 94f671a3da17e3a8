/** File descriptors kept for recordings, segments, upstreams and the runtime itself. */
const RESERVE = 400;

/** What is assumed where the system does not tell: the smallest limit in common use. */
const ASSUMED_LIMIT = 1024;

/** A limit without bounds is treated as this one. */
const UNLIMITED = 1_000_000;

/** Most connections that the system holds ready for the server: a crowd that arrives within one busy moment. */
const MOST_BACKLOG = 4096;

/** One in so many of the open files is set aside for connections that wait to be accepted … */
const BACKLOG_SHARE = 78;

/** … but one in so many up to a backlog of {@linkcode SMALL_BACKLOG}: enough for a page's worth of players. */
const SMALL_BACKLOG_SHARE = 16;
const SMALL_BACKLOG = 64;

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
 * A whole backlog, and what arrives meanwhile, may be accepted in one go before the surplus is closed again, and a port
 * that meets the limit of open files while accepting is deaf for some seconds: so connections, backlogs and reserve
 * together stay below that limit.
 *
 * @param read reads the file in which Linux tells a process its limits; rejects where there is none
 */
export async function connectionLimits(read: () => Promise<string> = readLimits): Promise<ConnectionLimits> {
  const known = await openFileLimit(read);
  const files = known ?? ASSUMED_LIMIT;
  const small = Math.min(SMALL_BACKLOG, Math.ceil(files / SMALL_BACKLOG_SHARE));
  const backlog = Math.min(MOST_BACKLOG, Math.max(small, Math.floor(files / BACKLOG_SHARE)));
  const connections = Math.max(files - PORTS * backlog - RESERVE, Math.floor(files / 4));
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
