import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { templateFault } from "../shared/relay/address.ts";

/** Longest list of targets that a backend may answer. */
const MAX_URLS = 64;

/** A target that a backend names. */
export interface BackendTarget {
  readonly url: string;
  readonly silentAudio: boolean;
}

/**
 * Asks a backend for the targets of a stream, as SRS's `on_forward` does: `{"code":0,"data":{"urls":["rtmp://…"]}}`. In place of
 * an address it may say `{"url":"rtmp://…","silentAudio":true}`.
 *
 * Throws `Error` in words when it does not answer in time, or something else.
 */
export async function askBackend(
  ctx: PluginContext,
  url: string,
  timeoutMs: number,
  session: Session,
  { vhost, app, name }: StreamKey,
): Promise<readonly BackendTarget[]> {
  const shownVhost = vhost === DEFAULT_VHOST ? "__defaultVhost__" : vhost;
  const body = JSON.stringify({
    action: "on_forward",
    server_id: `vid-${ctx.feed.run.slice(0, 7)}`,
    client_id: session.id,
    ip: session.remote.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""),
    vhost: shownVhost,
    app,
    tcUrl: `rtmp://${shownVhost}/${app}`,
    stream: name,
    param: session.params.size > 0 ? `?${session.params}` : "",
  });
  const late = new AbortController();
  using _timer = ctx.clock.setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.any([late.signal, ctx.signal]);
  const answer = await ctx.fetch(url, { method: "POST", body, headers, signal, redirect: "error" });
  if (answer.status !== 200) throw new Error(`the backend's answer has the status ${answer.status}`);
  return targetsOf(await answer.json());
}

function targetsOf(answer: unknown): readonly BackendTarget[] {
  const { code, data } = (answer ?? {}) as { code?: unknown; data?: { urls?: unknown } };
  if (code !== 0) throw new Error("the backend does not say where");
  const urls = data?.urls ?? [];
  const targets = Array.isArray(urls) && urls.length <= MAX_URLS ? urls.map(targetOf) : [undefined];
  if (!targets.every((target) => target !== undefined)) {
    throw new Error(`the backend's answer holds no list of at most ${MAX_URLS} addresses`);
  }
  for (const { url } of targets) {
    const fault = templateFault(url);
    if (fault) throw new Error(`the backend's answer holds an address that is none: ${fault}`);
  }
  return targets;
}

function targetOf(entry: unknown): BackendTarget | undefined {
  if (typeof entry === "string") return { url: entry, silentAudio: false };
  const { url, silentAudio = false } = (entry ?? {}) as { url?: unknown; silentAudio?: unknown };
  return typeof url === "string" && typeof silentAudio === "boolean" ? { url, silentAudio } : undefined;
}
