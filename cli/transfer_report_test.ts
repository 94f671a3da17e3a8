import { assertEquals } from "@std/assert";
import type { TransferEvent } from "../clients/transfer.ts";
import { ClientError } from "../kernel/sessions/client.ts";
import { FakeHost } from "./testing/fake_host.ts";
import { TransferReport } from "./transfer_report.ts";

const EVENTS: readonly TransferEvent[] = [
  { type: "open", path: "film.mp4", format: "MP4", seconds: 61 },
  { type: "connecting" },
  { type: "live" },
  { type: "notice", text: "The sound is left out" },
  { type: "waiting", problem: "The connection broke", seconds: 0.5 },
];

/** A machine with a terminal that notes its line of the moment. */
class TerminalHost extends FakeHost {
  readonly statuses: string[] = [];

  status(line: string): void {
    this.statuses.push(line);
  }
}

function report(host: FakeHost, isJson: boolean) {
  const figures = { seconds: 0, bytes: 0, packets: 0, connects: 1 };
  return { figures, report: new TransferReport(host, { isJson, figures: () => figures }) };
}

Deno.test("people are told in sentences, and see how far it is on a line of its own", () => {
  const host = new TerminalHost();
  const { figures, report: told } = report(host, false);
  for (const event of EVENTS) told.event(event);
  assertEquals(host.stderr, [
    "film.mp4: MP4, 1:01.0",
    "Connected. Ctrl-C ends it.",
    "The sound is left out",
    "The connection broke; trying again in 0.5 s",
  ]);
  host.statuses.length = 0;
  Object.assign(figures, { seconds: 12.34, bytes: 125_000 });
  host.clock.advance(1000);
  Object.assign(figures, { seconds: 13.34, bytes: 375_000 });
  host.clock.advance(1000);
  told.end("Done.", {});
  told[Symbol.dispose]();
  assertEquals(host.statuses, ["0:12.3  125 kB  1000 kbit/s", "0:13.3  375 kB  2000 kbit/s", "", ""]);
  assertEquals([host.stdout, host.clock.pending], [["Done."], 0]);
});

Deno.test("people see for how long a server has not answered, and figures when it has", () => {
  const host = new TerminalHost();
  const { report: told } = report(host, false);
  told.event({ type: "connecting" });
  host.clock.advance(2000);
  told.event({ type: "live" });
  host.clock.advance(1000);
  told[Symbol.dispose]();
  assertEquals(host.statuses, [
    "Waiting for the server, 1 s",
    "Waiting for the server, 2 s",
    "",
    "0:00.0  0 kB  0 kbit/s",
    "",
  ]);
});

Deno.test("programs are told in lines of JSON, and nothing else comes", () => {
  const host = new TerminalHost();
  const { report: told } = report(host, true);
  for (const event of EVENTS) told.event(event);
  host.clock.advance(1000);
  told.end("Done.", { seconds: 1 });
  told[Symbol.dispose]();
  assertEquals(host.stdout.map((line) => JSON.parse(line)), [
    { event: "open", path: "film.mp4", format: "MP4", seconds: 61 },
    { event: "connecting" },
    { event: "live" },
    { event: "notice", text: "The sound is left out" },
    { event: "waiting", problem: "The connection broke", seconds: 0.5 },
    { event: "progress", seconds: 0, bytes: 0, packets: 0, connects: 1 },
    { event: "end", seconds: 1 },
  ]);
  assertEquals([host.stderr, host.statuses], [[], []]);
});

Deno.test("without a terminal there is no line of the moment", () => {
  const host = new FakeHost();
  const { report: told } = report(host, false);
  host.clock.advance(5000);
  told[Symbol.dispose]();
  assertEquals([host.stdout, host.stderr], [[], []]);
});

Deno.test("a failure is told to people in words, and to programs with its code too", () => {
  for (const isJson of [false, true]) {
    const host = new TerminalHost();
    const { report: told } = report(host, isJson);
    told.fail(new ClientError("403", "rtmp://there/live/cam refused: No"));
    told[Symbol.dispose]();
    assertEquals(host.stderr, ["rtmp://there/live/cam refused: No"]);
    const failed = { event: "failed", code: "403", problem: "rtmp://there/live/cam refused: No" };
    assertEquals(host.stdout.map((line) => JSON.parse(line)), isJson ? [failed] : []);
  }
});
