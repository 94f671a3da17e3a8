import { every, type Timer } from "../../../kernel/clock.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";

/** How often the free space is looked at, in milliseconds: in that time none but a crowd writes 100 MB. */
const CHECK_MS = 5000;

const MEGABYTE = 1_000_000;

/** What is needed of a plugin's context. */
type Disk = Pick<PluginContext, "files" | "dataDir" | "clock">;

/**
 * Looks whether there is room on the disk of the data folder; where the system does not tell, there is.
 *
 * @throws {Error} in words when fewer than `minFreeBytes` are free
 */
export async function checkDisk({ files, dataDir }: Disk, minFreeBytes: number): Promise<void> {
  if (minFreeBytes <= 0) return;
  const free = await files.freeBytes(dataDir);
  if (free === undefined || free >= minFreeBytes) return;
  const [has, needs] = [free, minFreeBytes].map((bytes) => (bytes / MEGABYTE).toFixed(0));
  throw new Error(`only ${has} MB are free on the disk, and ${needs} MB are to stay free`);
}

/** Looks at the free space while something is written, and calls once when there is too little of it. */
export class DiskGuard implements Disposable {
  /** Why nothing more should be written. */
  fault?: Error;
  readonly #timer?: Timer;

  constructor(disk: Disk, minFreeBytes: number, onFault: () => void) {
    if (minFreeBytes <= 0) return;
    this.#timer = every(disk.clock, CHECK_MS, () => {
      checkDisk(disk, minFreeBytes).catch((error: Error) => {
        if (this.fault) return;
        this.fault = error;
        onFault();
      });
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}
