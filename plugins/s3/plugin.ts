import { every } from "../../kernel/clock.ts";
import { definePlugin, type PluginContext, type PluginFactory } from "../../kernel/plugin.ts";
import { Turns } from "../shared/turns.ts";
import { Intake } from "./intake.ts";
import { Leftovers } from "./leftovers.ts";
import { LocalCopies } from "./local_copies.ts";
import { objectHeaders } from "./object_headers.ts";
import { openLedger } from "./open_ledger.ts";
import { type S3Config, s3Config, type S3Settings } from "./settings.ts";
import { Store } from "./store.ts";
import { Uploads } from "./uploads.ts";

/** How often it is looked how far recordings have grown, in milliseconds: a part of most takes longer. */
const LOOK_MS = 5000;

const MEBIBYTE = 1024 * 1024;

/** Sends recordings to a store that speaks S3, while they are made and until the store has confirmed them. */
export const s3: PluginFactory<S3Config> = definePlugin({
  name: "s3",
  config: s3Config,
  async setup(ctx, settings) {
    const store = openStore(ctx, settings);
    if (!store) return;
    const ledger = await openLedger(ctx);
    ctx.defer(() => ledger[Symbol.dispose]());
    const uploads = new Uploads(ctx, {
      files: ctx.files,
      dataDir: ctx.dataDir,
      clock: ctx.clock,
      store,
      ledger,
      partBytes: settings.partMegabytes * MEBIBYTE,
      slots: new Turns(settings.concurrency, Infinity),
    });
    ctx.defer(() => uploads.stopped());
    const intake = new Intake(ctx, settings, uploads);
    intake.listen();
    const copies = new LocalCopies(ctx, {
      ledger,
      keepHours: settings.keepLocalHours ?? Infinity,
      sendAgain: (upload) => uploads.complete(upload),
    });
    ctx.defer(() => copies.stopped());
    const leftovers = new Leftovers(ctx, settings, uploads, intake);
    ctx.defer(() => leftovers.stopped());
    const looks = every(ctx.clock, LOOK_MS, () => {
      uploads.look();
      leftovers.look();
      void copies.remove();
    });
    ctx.defer(() => looks[Symbol.dispose]());
    ctx.on("server:start", () => {
      leftovers.find();
      uploads.resume();
    });
  },
});

export default s3;

/** Undefined when no bucket is set. */
function openStore(ctx: PluginContext, settings: S3Settings): Store | undefined {
  const { bucket, endpoint, region, addressing, accessKeyId, secretAccessKey, sessionToken } = settings;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return new Store({
    location: { endpoint, region, bucket, addressing },
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    fetch: ctx.fetch,
    clock: ctx.clock,
    timeoutMs: settings.timeoutSeconds * 1000,
    headersOf: (key) => objectHeaders(key, settings),
  });
}
