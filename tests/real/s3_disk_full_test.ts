import { assert, assertEquals, assertMatch } from "@std/assert";
import { flvRecord } from "../../plugins/flv_record/plugin.ts";
import { Stage } from "../../plugins/s3/testing/stage.ts";
import { eventually } from "../support/eventually.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import type { TestPublisher } from "../support/transports/transport.ts";
import { TRANSPORTS } from "../support/transports/transports.ts";
import { SmallDisk } from "./small_disk.ts";

const [, httpFlv] = TRANSPORTS;

const DISK_MEGABYTES = 6;

/** A recording that goes to a store that is down, on a small disk. */
class Scene implements AsyncDisposable {
  readonly #maker = new StreamMaker({ keyBytes: 50_000 });

  private constructor(readonly stage: Stage, readonly publisher: TestPublisher) {
    publisher.write(this.#maker.head());
  }

  static async open(disk: SmallDisk): Promise<Scene> {
    const recorder = flvRecord({ minFreeMegabytes: 0, splitMegabytes: 1, sync: false });
    const stage = await Stage.open({
      folder: `${disk.path}/data`,
      late: [recorder],
      s3: { what: ["flv"], keepLocalHours: 0 },
    });
    stage.store.fault = () => ({ status: 503, code: "SlowDown" });
    return new Scene(stage, await httpFlv.publish(stage.server, "live/cam"));
  }

  /** What was told of recordings. */
  told(
    name: "open" | "complete" | "fail" | "remove",
    by = "flv-record",
  ): readonly { path?: string; problem?: string }[] {
    const { told } = this.stage.server;
    return told.filter((each) => each.name === `artifact:${name}` && "by" in each.event && each.event.by === by)
      .map(({ event }) => event as { path?: string; problem?: string });
  }

  /** The stream goes on, and time, until something holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await eventually(() => {
      this.publisher.write(this.#maker.gop());
      this.stage.server.clock.advance(400);
      return condition();
    }, what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    await this.stage[Symbol.asyncDispose]();
  }
}

Deno.test({
  name:
    "when the disk is full because the store is down recording stops, and goes on when the store has what was recorded " +
    "(needs the right to mount a disk in memory)",
  ignore: !await SmallDisk.canMount(),
  async fn() {
    await using disk = await SmallDisk.mount(DISK_MEGABYTES);
    assert(disk);
    await using scene = await Scene.open(disk);
    const { stage, publisher } = scene;
    await scene.until(() => scene.told("fail").length > 0, "the disk does not get full");
    assertMatch(scene.told("fail")[0].problem ?? "", /no space left/i);
    assertEquals(scene.told("remove", "flv-record").length, 0);
    // Not a byte is left to write down what the store has got.
    await disk.fill();
    await scene.until(() => scene.told("fail").length > 2, "it is not tried again");
    const [opened, kept] = [scene.told("open").length, scene.told("complete").length];
    assert(kept > 0);
    stage.store.fault = () => undefined;
    await scene.until(() => scene.told("remove", "s3").length >= kept, "what the store has got is here still");
    await scene.until(() => scene.told("open").length > opened, "recording does not go on");
    await publisher.end();
    const paths = () => new Set(scene.told("complete").map(({ path }) => path!));
    await eventually(() => {
      stage.look();
      return scene.told("open").length === paths().size && [...paths()].every((path) => stage.isSent(path));
    }, "not all of it gets to the store");
    for (const path of paths()) assert(stage.store.bytes(path), path);
  },
});
