import { errorText } from "../kernel/error_text.ts";
import { type Command, type CommandContext, EXIT_FAILURE, UsageError } from "./command.ts";
import { type ServerFacts, statusText, type StreamFacts } from "./status_table.ts";

/** Where a server on this machine answers unless something else is said. */
const DEFAULT_URL = "http://localhost:8501";

/** The token where no flag has one: others may see the flags of a process. */
const TOKEN_ENV = "SLUICE_API_TOKEN";

/** How long the server may take to answer, in milliseconds. */
const ANSWER_MS = 5000;

/** Most streams that are shown. */
const MAX_STREAMS = 1000;

/** The command that shows what a running server does. */
export function statusCommand(request: typeof fetch): Command {
  return {
    name: "status",
    summary: "Show what a running server does",
    usage: "[URL]",
    maxArguments: 1,
    flags: [{ name: "token", kind: "text", value: "TOKEN", description: `The API's token; by default ${TOKEN_ENV}` }],
    usesSettings: false,
    run: (context) => run(context, request),
  };
}

async function run({ host, args, flags, program }: CommandContext, request: typeof fetch): Promise<number> {
  const base = URL.parse(args[0] ?? DEFAULT_URL);
  if (!base || !/^https?:$/.test(base.protocol)) {
    throw new UsageError([`status needs the address of a server, as in: status ${DEFAULT_URL}`]);
  }
  if (flags.token === true) throw new UsageError(["--token needs a value: the API's token."]);
  const token = typeof flags.token === "string" ? flags.token : host.env[TOKEN_ENV];
  const ask = <T>(path: string) => answerOf<T>(request, new URL(path, base), token);
  try {
    const server = await ask<ServerFacts>("/api/v1/server");
    const streams = await ask<{ items: StreamFacts[]; total: number }>(`/api/v1/streams?limit=${MAX_STREAMS}`);
    for (const line of statusText(server, streams, host.columns)) host.out(line);
    return 0;
  } catch (error) {
    host.err(`${program.name}: ${errorText(error)}`);
    return EXIT_FAILURE;
  }
}

async function answerOf<T>(request: typeof fetch, url: URL, token: string | undefined): Promise<T> {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  const response = await request(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) }).catch((cause) => {
    throw new Error(`No server answers at ${url.origin}: is it running, and is this its address?`, { cause });
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer;
  if (response.status === 401 || response.status === 403) {
    const hint = `it is in api_tokens.json in the data folder; give it with --token or ${TOKEN_ENV}`;
    throw new Error(`The server at ${url.origin} wants a token: ${hint}`);
  }
  const detail = (answer as { detail?: string } | undefined)?.detail;
  throw new Error(`What answers at ${url.origin} is no Sluice with an API: ${detail ?? `status ${response.status}`}`);
}
