import { DEFAULT_VHOST, type StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { templateFault } from "../shared/relay/address.ts";

/** Longest list of targets that a backend may answer. */
const MAX_URLS = 64;

/**
 * Asks a backend for the targets of a stream, as SRS's `on_forward` does: `{"code":0,"data":{"urls":["rtmp://…"]}}`.
 *
 * Throws `Error` in words when it does not answer in time, or something else.
 */
export async function askBackend(
  ctx: PluginContext,
  url: string,
  timeoutMs: number,
  session: Session,
  { vhost, app, name }: StreamKey,
): Promise<readonly string[]> {
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
  return urlsOf(await answer.json());
}

function urlsOf(answer: unknown): readonly string[] {
  const { code, data } = (answer ?? {}) as { code?: unknown; data?: { urls?: unknown } };
  if (code !== 0) throw new Error("the backend does not say where");
  const urls = data?.urls ?? [];
  if (!Array.isArray(urls) || urls.length > MAX_URLS || urls.some((url) => typeof url !== "string")) {
    throw new Error(`the backend's answer holds no list of at most ${MAX_URLS} addresses`);
  }
  for (const url of urls) {
    const fault = templateFault(url);
    if (fault) throw new Error(`the backend's answer holds an address that is none: ${fault}`);
  }
  return urls;
}
