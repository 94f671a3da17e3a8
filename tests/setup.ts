/** A program that the tests with real peers need. */
export interface NeededProgram {
  /** Any of these commands will do. */
  readonly commands: readonly string[];
  readonly debianPackage: string;
}

/** Every program that is needed. */
export const PROGRAMS: readonly NeededProgram[] = [
  { commands: ["ffmpeg"], debianPackage: "ffmpeg" },
  { commands: ["ffprobe"], debianPackage: "ffmpeg" },
  { commands: ["chromium", "chromium-browser", "google-chrome"], debianPackage: "chromium" },
  { commands: ["openssl"], debianPackage: "openssl" },
];

/** The path of the first of these commands that is on PATH. */
export function findCommand(commands: readonly string[]): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  for (const command of commands) {
    for (const folder of folders) {
      const path = `${folder}/${command}${Deno.build.os === "windows" ? ".exe" : ""}`;
      if (isFile(path)) return path;
    }
  }
}

/** The programs that are not there. */
export function missingPrograms(): NeededProgram[] {
  return PROGRAMS.filter(({ commands }) => !findCommand(commands));
}

/** Installs what is missing where that is possible (Debian, root); otherwise says what to install. */
export async function provide(missing: readonly NeededProgram[]): Promise<boolean> {
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const mayInstall = Deno.build.os === "linux" && Deno.uid() === 0 && findCommand(["apt-get"]);
  if (mayInstall) {
    console.log(`Installing ${packages.join(" and ")} for the tests with real players`);
    await run("apt-get", ["update", "-qq"]);
    if (await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages])) return true;
  }
  const names = missing.map(({ commands }) => commands[0]).join(", ");
  console.error(
    `The tests need ${names}, not found on PATH. On Debian or Ubuntu: apt-get install ${packages.join(" ")}`,
  );
  return false;
}

async function run(command: string, args: string[]): Promise<boolean> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { success } = await new Deno.Command(command, { args, env, stdout: "null", stderr: "inherit" }).output();
  return success;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
