/** A list of files that belong together. */
export interface Listing {
  /** The files that it names, each once, in the order in which players need them. */
  readonly files: readonly string[];
  /**
   * The list as far as it names files of which `has` says that they are there; undefined when there is nothing to play.
   * Segments of which `isLost` says that they never will be are left out.
   */
  upTo(has: (file: string) => boolean, isLost?: (file: string) => boolean): string | undefined;
}

/** The names of files that a recording has in its folder. */
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Whether a name is one of a file in the list's own folder. */
export function isFileName(name: string): boolean {
  return FILE.test(name);
}
