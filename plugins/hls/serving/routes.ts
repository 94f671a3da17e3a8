import type { Context, Hono, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import { BadNameError, type StreamKey } from "../../../kernel/names.ts";
import { problemAnswer } from "../../../kernel/front/problem.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import { CORS, PREFLIGHT } from "../../shared/serving/answer.ts";
import { mediaType } from "../../shared/serving/media_type.ts";
import { MemoryResource } from "../../shared/serving/resource.ts";
import type { ResourceServer } from "../../shared/serving/resource_server.ts";
import type { RenditionReport } from "../../../media/hls/media_playlist.ts";
import { misalignment, type NamedRendition } from "./alignment.ts";
import { issueViewerPass, type PassIssuer, VIEWER_PASS_NAME } from "../../shared/viewer_pass.ts";
import { blockingRequest } from "./blocking.ts";
import type { HlsStream } from "../hls_stream.ts";
import { masterPlaylist } from "./master.ts";
import { ALIAS_NAME } from "../recording/recording_names.ts";
import { playlistResource } from "./playlist_resource.ts";
import type { HlsStreams } from "../registry.ts";
import type { Rendition } from "../rendition.ts";
import { type HlsRequest, hlsRequest } from "./request.ts";
import type { HlsViewers } from "./viewers.ts";

/** What the routes answer with. */
export interface RouteDeps {
  readonly streams: HlsStreams;
  readonly viewers: HlsViewers;
  readonly server: ResourceServer;
  readonly issuer: PassIssuer;
  /** Passes requests on to the home of the stream that they are about. */
  readonly atHome: MiddlewareHandler<HttpEnv>;
}

/**
 * How long the first request for a stream that has just begun waits for its first segment, in milliseconds. hls.js asks twice,
 * and gives up after 20 s each time: together that is enough for a key frame every 30 s.
 */
export const FIRST_SEGMENT_MS = 15_000;

/** A viewer has left when nothing was asked for so many target durations. */
const LINGER_TARGETS = 3;

/** … and no sooner than this, in milliseconds: players pause, and load several segments ahead. */
const LEAST_LINGER_MS = 10_000;

/** Registers `/hls/{app}/{stream}/…`. */
export function hlsRoutes(http: Hono<HttpEnv>, deps: RouteDeps): void {
  const route = "/hls/:app/:stream/:file";
  http.get(route, deps.atHome, async (c, next) => {
    if (c.req.param("file") === ALIAS_NAME) return await next();
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
  if (request.file.endsWith(".key")) return answerKey(c, request, deps);
  return answerSegment(c, request, deps);
}

/** A key is for those who may play: who asks for it without a playlist before has to show why it may. */
async function answerKey(
  c: Context<HttpEnv>,
  request: HlsRequest,
  { streams, viewers, server }: RouteDeps,
): Promise<Response> {
  const hls = streams.peek(request.id);
  if (!viewers.knows(request)) await viewers.admit(request, lingerMs(hls), hls?.main.window.isEnded ?? false);
  for (const { keys } of hls?.renditions.values() ?? []) {
    const key = keys?.find(request.file);
    if (key) return server.answer(c, new MemoryResource(key, { type: "application/octet-stream", caching: "never" }));
  }
  throw new Refusal("not-found", `${request.id} has no key ${request.file}, or not any more`);
}

async function answerPlaylist(c: Context<HttpEnv>, request: HlsRequest, deps: RouteDeps): Promise<Response> {
  const { streams, viewers } = deps;
  const group = request.file === "index.m3u8" ? streams.groups.named(request.id) : undefined;
  if (group) return await answerGroup(c, request, streams.members(group), deps);
  if (!streams.isOffered(request.key)) throw new Refusal("not-found", `${request.id} is not made into HLS`);
  const before = streams.peek(request.id);
  await viewers.admit(request, lingerMs(before), before?.main.window.isEnded ?? false);
  const hls = streams.obtain(request.id);
  if (!hls) throw new Refusal("not-found", `${request.id} is not made into HLS`);
  if (request.file === "index.m3u8") return await answerMaster(c, request, hls, deps);
  const rendition = hls.find(request.file);
  if (!rendition) throw new Refusal("not-found", `${request.id} has no playlist ${request.file}`);
  await awaitFirst(rendition, request.id);
  const view = await blockingRequest(rendition, request.params);
  return deps.server.answer(c, rendition.served(view, reportsFor(rendition, hls, request, deps))!);
}

async function answerMaster(
  c: Context<HttpEnv>,
  request: HlsRequest,
  hls: HlsStream,
  deps: RouteDeps,
): Promise<Response> {
  await awaitFirst(hls.main, request.id);
  const ready = [...hls.renditions.values()].filter(({ window }) => window.isReady);
  checkAlignment(request.id, ready.map((rendition) => ({ name: `${request.id}, ${rendition.uri}`, rendition })), deps);
  const variants = ready.map((rendition) => ({ rendition, uri: rendition.uri }));
  return deps.server.answer(c, playlistResource(masterPlaylist(variants, queryWithPass(request, deps))));
}

/** Who was let in by what its query says need not be asked again when that has expired. */
function queryWithPass({ id, credentials, handedOn }: HlsRequest, { issuer }: RouteDeps): string {
  if (credentials === "") return handedOn;
  return `${credentials}&${VIEWER_PASS_NAME}=${issueViewerPass(issuer, id)}`;
}

/** Of the streams of a group, those that can be shown. What each asks of its viewers, it asks when they play it. */
async function answerGroup(
  c: Context<HttpEnv>,
  request: HlsRequest,
  members: readonly HlsStream[],
  deps: RouteDeps,
): Promise<Response> {
  const live = members.filter(({ isWritten }) => isWritten);
  const shown = live.length > 0 ? live : members;
  if (shown.length === 0) throw new Refusal("not-found", `No stream of the group ${request.id} is there`);
  await Promise.allSettled(shown.map(({ main, id }) => awaitFirst(main, id)));
  const ready = shown.filter(({ main }) => main.window.isReady);
  if (ready.length === 0) {
    throw new Refusal("limit", `The first HLS segments of ${request.id} are not complete yet: try again`);
  }
  checkAlignment(request.id, ready.map(({ id, main }) => ({ name: id, rendition: main })), deps);
  const variants = ready.map(({ main, key }) => ({ rendition: main, uri: uriOf(key, main) }));
  return deps.server.answer(c, playlistResource(masterPlaylist(variants, request.query)));
}

/** The address of a rendition's playlist, seen from any other. */
function uriOf({ app, name }: StreamKey, { uri }: Rendition): string {
  return `../../${app}/${name}/${uri}`;
}

function checkAlignment(id: string, renditions: readonly NamedRendition[], { streams }: RouteDeps): void {
  const problem = misalignment(renditions);
  streams.noteGroup(id, problem);
  if (problem) throw new Refusal("busy", `These cannot be played as one: ${problem}`);
}

/** How far the others are that a player of this rendition may change to. */
function reportsFor(
  own: Rendition,
  hls: HlsStream,
  { handedOn }: HlsRequest,
  { streams }: RouteDeps,
): RenditionReport[] {
  const suffix = handedOn === "" ? "" : `?${handedOn}`;
  const group = streams.groups.around(hls.key);
  const others = group
    ? streams.matching(group).map(({ main, key }) => ({ rendition: main, uri: uriOf(key, main) }))
    : [...hls.renditions.values()].map((rendition) => ({ rendition, uri: rendition.uri }));
  return others.filter(({ rendition }) => rendition !== own && !rendition.window.isEnded)
    .map(({ rendition, uri }) => rendition.report(uri + suffix)).filter((report) => report !== undefined);
}

/** A stream that has just begun has nothing to show before its second key frame. */
async function awaitFirst(rendition: Rendition, id: string): Promise<void> {
  const { window, waiting } = rendition;
  const result = await waiting.until(() => window.isReady || window.isEnded, FIRST_SEGMENT_MS);
  if (window.isReady) return;
  if (rendition.problem) throw new Refusal("not-found", rendition.problem);
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

function lingerMs(hls: HlsStream | undefined): number {
  return Math.max(LEAST_LINGER_MS, LINGER_TARGETS * (hls?.main.window.target ?? 0) * 1000);
}

function hintMs(target: number | undefined): number {
  return LINGER_TARGETS * (target ?? 1) * 1000;
}

/** The answer that says no in the server's words; what is not a refusal is thrown on. */
function refusal(c: Context<HttpEnv>, error: unknown): Response {
  const headers: Record<string, string> = { ...CORS };
  const say = (message: string, status: ContentfulStatusCode) => problemAnswer(c, status, message, headers);
  if (error instanceof BadNameError) return say(error.message, 400);
  if (!(error instanceof Refusal)) throw error;
  if (error.redirect) return c.redirect(error.redirect, 302);
  if (error.challenge) headers["WWW-Authenticate"] = error.challenge;
  if (error.status === 503) headers["Retry-After"] = "1";
  return say(error.message, error.status);
}
