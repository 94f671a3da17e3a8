import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../reasons.ts";
import { House, write } from "../../testing/house.ts";
import { WorkerSinks } from "./worker_sinks.ts";

/** The sinks of a server whose stream's home answers as it is told to. */
async function overseen(answer: (sinks: WorkerSinks) => Promise<unknown>) {
  const house = new House();
  write(await house.publish(), "V0 K0");
  const asked: string[] = [];
  const sinks: WorkerSinks = new WorkerSinks({
    streams: house.streams.all,
    ask: (what, sink, stream) => {
      asked.push(`${what} ${sink} ${stream}`);
      return answer(sinks);
    },
  });
  return { control: sinks.named("tapes"), asked };
}

Deno.test("a sink of workers has begun to write a stream when its start settles", async () => {
  const { control, asked } = await overseen((sinks) => {
    const run = { stream: "live/cam", state: "writing" as const, since: new Date() };
    return Promise.resolve().then(() => sinks.take(1, new Map([["tapes", [run]]])));
  });
  await control.start("live/cam");
  assertEquals(asked, ["sink-start tapes live/cam"]);
  assertEquals(control.runs.map(({ stream }) => stream), ["live/cam"]);
});

Deno.test("who starts or stops a sink of workers hears why its home cannot", async () => {
  const { control } = await overseen(() => Promise.reject(new Error("Cannot write live/cam: there is no disk")));
  await assertRejects(async () => await control.start("live/cam"), RangeError, "there is no disk");
  await assertRejects(async () => await control.start("live/other"), RangeError, "no such live stream");
  await assertRejects(async () => await control.stop("live/cam"), RangeError, "tapes does not write it");
  const { control: lost } = await overseen(() => Promise.reject(new Refusal("busy", "it is being replaced")));
  await assertRejects(async () => await lost.start("live/cam"), Refusal, "it is being replaced");
});
