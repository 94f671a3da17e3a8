import { every } from "../../kernel/clock.ts";
import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { storeAddresses } from "../shared/recordings/store_addresses.ts";
import { sharedGauges } from "../shared/shared_gauges.ts";
import { Turns } from "../shared/turns.ts";
import { Intake } from "./intake.ts";
import { Leftovers } from "./leftovers.ts";
import { LocalCopies } from "./local_copies.ts";
import { objectHeaders } from "./object_headers.ts";
import { openLedger } from "./open_ledger.ts";
import { PartBuffers } from "./part_buffers.ts";
import { redirectToStore } from "./redirects.ts";
import { RemoteCopies } from "./remote_copies.ts";
import { uploadRoutes } from "./routes.ts";
import { SegmentIntake } from "./segment_intake.ts";
import type { S3Settings } from "./settings.ts";
import { Store } from "./store.ts";
import { Uploads } from "./uploads.ts";

/** How often it is looked how far recordings have grown, in milliseconds: a part of most takes longer. */
const LOOK_MS = 5000;

const MEBIBYTE = 1024 * 1024;

/** What counts from then on when it changes while the server runs; for another store, or other limits, it has to be started anew. */
const TAKEN = [
  "accessKeyId",
  "secretAccessKey",
  "sessionToken",
  "streams",
  "what",
  "prefix",
  "keepLocalHours",
  "publicUrl",
  "signedSeconds",
  "storageClass",
  "acl",
  "encryption",
  "timeoutSeconds",
] as const satisfies readonly (keyof S3Settings)[];

/**
 * Sends what the settings say, which have a bucket, and goes on with what an earlier run has left. `partBytes` is how large parts
 * are, for stores that take smaller ones than the settings allow.
 */
export async function setUp(
  ctx: PluginContext,
  first: S3Settings,
  partBytes: number = first.partMegabytes * MEBIBYTE,
): Promise<Reloadable<S3Settings>> {
  const live = liveSettings(first);
  const settings = live.now;
  const store = openStore(ctx, settings);
  const ledger = await openLedger(ctx);
  ctx.defer(() => ledger[Symbol.dispose]());
  const remote = new RemoteCopies(ledger, store, settings);
  const { files, dataDir, clock } = ctx;
  const slots = new Turns(settings.concurrency, Infinity);
  const host = { files, dataDir, clock, store, ledger, partBytes, buffers: new PartBuffers(partBytes), slots };
  const uploads = new Uploads(ctx, host, (key) => remote.plainUrlOf(key));
  ctx.defer(() => uploads.stopped());
  watch(ctx, settings, uploads);
  show(ctx, uploads, remote);
  if (settings.redirect) redirectToStore(ctx, remote);
  return { takes: TAKEN, reload: (next) => () => live.take(next) };
}

/** Looks at what the recorders do, and at what is here of it. */
function watch(ctx: PluginContext, settings: S3Settings, uploads: Uploads): void {
  const segments = new SegmentIntake(ctx, uploads, uploads.spool);
  ctx.defer(() => segments.stopped());
  const intake = new Intake(ctx, settings, uploads, segments);
  const leftovers = new Leftovers(ctx, settings, uploads, intake);
  intake.listen(() => leftovers.missed());
  ctx.defer(() => leftovers.stopped());
  const copies = new LocalCopies(ctx, {
    ledger: uploads.ledger,
    keepHours: () => settings.keepLocalHours ?? Infinity,
    sendAgain: (upload) => uploads.complete(upload),
    isUnsure: () => leftovers.isUnsure,
  });
  ctx.defer(() => copies.stopped());
  const looks = every(ctx.clock, LOOK_MS, () => {
    uploads.look();
    leftovers.look();
    void copies.remove();
  });
  ctx.defer(() => looks[Symbol.dispose]());
  ctx.on("server:start", () => {
    leftovers.find();
    uploads.resume();
    segments.resume();
  });
}

/** Lets others know what is in the store, and how far the rest is. */
function show(ctx: PluginContext, uploads: Uploads, remote: RemoteCopies): void {
  uploadRoutes(ctx, uploads, remote);
  addGauges(ctx, uploads);
  const addresses = storeAddresses(ctx).add(async (path) => {
    const key = remote.find(path);
    return key === undefined ? undefined : await remote.urlOf(key);
  });
  ctx.defer(() => addresses[Symbol.dispose]());
}

function addGauges(ctx: PluginContext, uploads: Uploads): void {
  sharedGauges(ctx).push({
    name: "uploads",
    help: "Recordings that grow, are on their way to the store, and are there",
    samples: () => Object.entries(uploads.ledger.counts()).map(([state, value]) => ({ labels: { state }, value })),
  }, {
    name: "uploads_failing",
    help: "Recordings that wait after the store has failed",
    samples: () => [{ labels: {}, value: uploads.failing }],
  });
}

/** Credentials may hold for a while, and others follow. */
function openStore(ctx: PluginContext, settings: S3Settings): Store {
  const { bucket = "", endpoint, region, addressing } = settings;
  return new Store({
    location: { endpoint, region, bucket, addressing },
    get credentials() {
      const { accessKeyId = "", secretAccessKey = "", sessionToken } = settings;
      return { accessKeyId, secretAccessKey, sessionToken };
    },
    fetch: ctx.fetch,
    clock: ctx.clock,
    get timeoutMs() {
      return settings.timeoutSeconds * 1000;
    },
    headersOf: (key) => objectHeaders(key, settings),
  });
}
