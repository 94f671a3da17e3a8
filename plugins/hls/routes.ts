import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "../../kernel/front.ts";
import { BadNameError } from "../../kernel/names.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { CORS, PREFLIGHT } from "../shared/serving/answer.ts";
import { mediaType } from "../shared/serving/media_type.ts";
import { type Caching, MemoryResource } from "../shared/serving/resource.ts";
import type { ResourceServer } from "../shared/serving/resource_server.ts";
import { blockingRequest } from "./blocking.ts";
import type { HlsStream } from "./hls_stream.ts";
import { masterPlaylist } from "./master.ts";
import type { HlsStreams } from "./registry.ts";
import type { Rendition } from "./rendition.ts";
import { type HlsRequest, hlsRequest } from "./request.ts";
import type { HlsViewers } from "./viewers.ts";

/** What the routes answer with. */
export interface RouteDeps {
  readonly streams: HlsStreams;
  readonly viewers: HlsViewers;
  readonly server: ResourceServer;
}

/** How long the first request for a stream that has just begun waits for its first segment, in milliseconds. */
export const FIRST_SEGMENT_MS = 8000;

/** A viewer has left when nothing was asked for so many target durations. */
const LINGER_TARGETS = 3;

/** … and no sooner than this, in milliseconds: players pause, and load several segments ahead. */
const LEAST_LINGER_MS = 10_000;

/** Registers `/hls/{app}/{stream}/…`. */
export function hlsRoutes(http: Hono<HttpEnv>, deps: RouteDeps): void {
  const route = "/hls/:app/:stream/:file";
  http.get(route, async (c) => {
    try {
      return await answer(c, hlsRequest(c), deps);
    } catch (error) {
      return refusal(c, error);
    }
  });
  http.options(route, (c) => c.body(null, 204, PREFLIGHT));
}

function answer(c: Context<HttpEnv>, request: HlsRequest, deps: RouteDeps): Response | Promise<Response> {
  if (request.file.endsWith(".m3u8")) return answerPlaylist(c, request, deps);
  return answerSegment(c, request, deps);
}

async function answerPlaylist(c: Context<HttpEnv>, request: HlsRequest, deps: RouteDeps): Promise<Response> {
  const { streams, viewers } = deps;
  const before = streams.peek(request.id);
  await viewers.admit(request, lingerMs(before), before?.main.window.isEnded ?? false);
  const hls = streams.obtain(request.id);
  if (!hls) throw new Refusal("not-found", `${request.id} is not made into HLS`);
  if (request.file === "index.m3u8") return await answerMaster(c, request, hls, deps);
  const rendition = hls.find(request.file);
  if (!rendition) throw new Refusal("not-found", `${request.id} has no playlist ${request.file}`);
  await awaitFirst(rendition, request);
  const { skip } = await blockingRequest(rendition, request.params);
  return textAnswer(c, rendition.playlist(skip)!, deps);
}

async function answerMaster(
  c: Context<HttpEnv>,
  request: HlsRequest,
  hls: HlsStream,
  deps: RouteDeps,
): Promise<Response> {
  await awaitFirst(hls.main, request);
  const ready = hls.renditions.values().filter(({ window }) => window.isReady);
  const variants = ready.map((rendition) => ({ rendition, uri: rendition.uri })).toArray();
  return textAnswer(c, masterPlaylist(variants, request.query), deps);
}

/** A stream that has just begun has nothing to show before its second key frame. */
async function awaitFirst({ window, waiting }: Rendition, { id }: HlsRequest): Promise<void> {
  const result = await waiting.until(() => window.isReady || window.isEnded, FIRST_SEGMENT_MS);
  if (window.isReady) return;
  if (window.isEnded) throw new Refusal("not-found", `${id} ended before its first HLS segment was complete`);
  if (result === "full") throw new Refusal("limit", `Too many requests wait for ${id}`);
  throw new Refusal("limit", `The first HLS segment of ${id} is not complete yet: try again`);
}

async function answerSegment(c: Context<HttpEnv>, request: HlsRequest, deps: RouteDeps): Promise<Response> {
  const { id, file } = request;
  const type = mediaType(file);
  const path = `${request.key.app}/${request.key.name}`;
  for (const hls of type ? deps.streams.withPath(path) : []) {
    for (const { window, waiting } of hls.renditions.values()) {
      if (window.hint === file) await waiting.until(() => window.hint !== file, hintMs(window.target));
      const bytes = window.find(file);
      if (!bytes) continue;
      hls.usedAt = deps.streams.now;
      deps.viewers.count(request, bytes.length);
      return deps.server.answer(c, new MemoryResource(bytes, { type: type!, caching: "immutable", tag: file }));
    }
  }
  throw new Refusal("not-found", `${id} has no ${file}, or not any more`);
}

function textAnswer(c: Context<HttpEnv>, text: string, { server }: RouteDeps): Response | Promise<Response> {
  const caching: Caching = "revalidate";
  return server.answer(
    c,
    new MemoryResource(new TextEncoder().encode(text), { type: mediaType(".m3u8") ?? PLAYLIST, caching }),
  );
}

const PLAYLIST = "application/vnd.apple.mpegurl";

function lingerMs(hls: HlsStream | undefined): number {
  return Math.max(LEAST_LINGER_MS, LINGER_TARGETS * (hls?.main.window.target ?? 0) * 1000);
}

function hintMs(target: number | undefined): number {
  return LINGER_TARGETS * (target ?? 1) * 1000;
}

/** The answer that says no in the server's words; what is not a refusal is thrown on. */
function refusal(c: Context<HttpEnv>, error: unknown): Response {
  const headers = { ...CORS, "Cache-Control": "no-store" };
  const say = (message: string, status: ContentfulStatusCode) => c.json({ error: message }, status, headers);
  if (error instanceof BadNameError) return say(error.message, 400);
  if (!(error instanceof Refusal)) throw error;
  if (error.redirect) return c.redirect(error.redirect, 302);
  return say(error.message, error.status);
}
