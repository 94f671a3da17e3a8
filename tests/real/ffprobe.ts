/** What ffprobe says of a file, as JSON. Throws when it cannot read it. */
export async function ffprobe(args: readonly string[]): Promise<Record<string, unknown>> {
  const { json, log, success } = await probe(args, "error");
  if (!success) throw new Error(`ffprobe failed: ${log}`);
  return json;
}

/** What ffprobe has to complain of in a file, with every packet read; empty when all is well. */
export async function complaints(path: string): Promise<string> {
  return (await probe(["-show_packets", path], "warning")).log;
}

async function probe(args: readonly string[], level: string) {
  const command = new Deno.Command("ffprobe", {
    args: ["-hide_banner", "-loglevel", level, "-of", "json", ...args],
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, json: JSON.parse(decoder.decode(stdout) || "{}"), log: decoder.decode(stderr) };
}
