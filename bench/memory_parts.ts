/** What the resident memory of a process is made of, in bytes. */
export interface MemoryParts {
  /** Its code and other files that are mapped. */
  readonly files: number;
  /** What C and Rust allocate (`malloc`, one arena): grows to the most that was ever needed, and holes in it stay. */
  readonly malloc: number;
  /** Everything else: the heaps of V8, stacks, large buffers. */
  readonly rest: number;
}

/** A mapping's first line: addresses, permissions, offset, device, inode, name (proc_pid_smaps(5)). */
const MAPPING = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)$/;

const RESIDENT = /^Rss: +(\d+) kB$/;

/**
 * The parts of a process's memory; undefined where the system does not tell (it is Linux that does).
 *
 * @param read reads a file of `/proc`; throws where there is none
 */
export function memoryParts(
  pid: number,
  read: (path: string) => string = Deno.readTextFileSync,
): MemoryParts | undefined {
  let smaps: string;
  try {
    smaps = read(`/proc/${pid}/smaps`);
  } catch {
    return undefined;
  }
  const parts = { files: 0, malloc: 0, rest: 0 };
  let part: keyof MemoryParts = "rest";
  for (const line of smaps.split("\n")) {
    const name = MAPPING.exec(line)?.[1];
    if (name !== undefined) part = name === "[heap]" ? "malloc" : name.startsWith("/") ? "files" : "rest";
    parts[part] += Number(RESIDENT.exec(line)?.[1] ?? 0) * 1024;
  }
  return parts;
}
