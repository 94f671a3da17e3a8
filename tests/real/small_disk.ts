import { assert } from "@std/assert";

/** So much is written at a time to fill a disk, in bytes. */
const BALLAST = new Uint8Array(4096);

/** A disk of its own, small, in memory; for tests that may mount one. */
export class SmallDisk implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Whether this is permitted here. */
  static async canMount(): Promise<boolean> {
    await using disk = await SmallDisk.mount(1);
    return disk !== undefined;
  }

  /** Undefined where it is not permitted. */
  static async mount(megabytes: number): Promise<SmallDisk | undefined> {
    const path = await Deno.makeTempDir();
    if (await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path)) return new SmallDisk(path);
    await Deno.remove(path);
  }

  /** Makes it larger. */
  async grow(megabytes: number): Promise<void> {
    assert(await run("mount", "-o", `remount,size=${megabytes}m`, this.path));
  }

  /** Takes what is left of it. */
  async fill(): Promise<void> {
    using file = await Deno.open(`${this.path}/ballast`, { create: true, append: true });
    try {
      while (true) await file.write(BALLAST);
    } catch (error) {
      assert(error instanceof Error && /no space left/i.test(error.message), String(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", this.path);
    await Deno.remove(this.path);
  }
}

async function run(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
