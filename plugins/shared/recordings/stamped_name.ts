/** What the name of a recording says: `YYYYMMDD_HHMMSS`, in UTC, and a number where several began in one second. */
export interface StampedName {
  readonly start: Date;
  readonly number: number;
}

const STAMPED = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?:[_-](\d{1,9}))?(?:\.[A-Za-z0-9]+)?$/;

/** Reads the name of a recording or of a recording's folder; undefined for any other. */
export function stampedName(name: string): StampedName | undefined {
  const [, year, month, day, hour, minute, second, number = "1"] = STAMPED.exec(name) ?? [];
  if (!year) return undefined;
  const start = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(start.getTime()) ? undefined : { start, number: Number(number) };
}

/** Which of two recordings is newer, for sorting the newest first. */
export function newerFirst(a: StampedName, b: StampedName): number {
  return b.start.getTime() - a.start.getTime() || b.number - a.number;
}

/** The newest of the names that end in `.extension`; undefined when no recording is among them. */
export function newestName(names: Iterable<string>, extension: string): string | undefined {
  let newest: { name: string; stamp: StampedName } | undefined;
  for (const name of names) {
    const stamp = name.endsWith(`.${extension}`) ? stampedName(name) : undefined;
    if (stamp && (!newest || newerFirst(stamp, newest.stamp) < 0)) newest = { name, stamp };
  }
  return newest?.name;
}
