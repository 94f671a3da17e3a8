import { assertEquals } from "@std/assert";
import { bannerPorts } from "../support/program.ts";
import { type CommandCheck, run } from "./running.ts";

/** The command lines of docs/s3.md, and how each is checked. */
export const S3_COMMANDS: Readonly<Record<string, CommandCheck>> = {
  "curl -X POST http://localhost:8501/api/v1/uploads/retry": async (line, { folder }) => {
    await using server = run("deno task start --config stored.jsonc", folder);
    const { http } = await bannerPorts(server);
    await using client = run(line.replace("8501", String(http)), folder);
    const { code, out, err } = await client.over();
    assertEquals([code, out], [0, '{"retried":0}'], err);
    await server.stop();
  },
};
