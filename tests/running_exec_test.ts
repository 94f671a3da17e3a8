import { assert, assertEquals } from "@std/assert";
import { eventually } from "./support/eventually.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { exec, execWith } from "../plugins/exec/plugin.ts";
import type { Programs, RunningProgram } from "../plugins/exec/programs.ts";

/** A program that ends when the test, or a signal, says so. */
class FakeProgram implements RunningProgram {
  readonly #end = Promise.withResolvers<number | null>();
  readonly ended = this.#end.promise;
  readonly signals: string[] = [];

  constructor(
    readonly run: readonly string[],
    readonly env: Readonly<Record<string, string>>,
    readonly isStubborn: boolean,
  ) {}

  exit(code: number): void {
    this.#end.resolve(code);
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.signals.push(signal);
    if (!this.isStubborn || signal === "SIGKILL") this.#end.resolve(null);
  }
}

class FakePrograms implements Programs {
  readonly started: FakeProgram[] = [];
  fault?: string;
  isStubborn = false;

  start(run: readonly string[], env: Readonly<Record<string, string>>): RunningProgram {
    if (this.fault) throw new Error(this.fault);
    const program = new FakeProgram(run, env, this.isStubborn);
    this.started.push(program);
    return program;
  }
}

function start(programs: Programs, commands: readonly object[], more: object = {}): Promise<TestServer> {
  return TestServer.start({ late: [execWith(programs)()], config: { exec: { commands, ...more } } });
}

async function publish(server: TestServer, path = "live/cam") {
  const maker = new StreamMaker();
  const publisher = await TRANSPORTS[1].publish(server, path);
  publisher.write([...maker.head(), ...maker.gop()]);
  await server.event("stream:start", ({ stream }) => stream.id === path);
  return publisher;
}

function warned(server: TestServer): string[] {
  return server.logged.filter(({ level }) => level === "warning" || level === "error").map(({ message }) =>
    message.join("")
  );
}

Deno.test("a command runs on its event, each argument filled for itself and the rest in the environment", async () => {
  const programs = new FakePrograms();
  const run = ["tell", "{stream} began; {nothing}", "{app}", "{name}", "{event}", "{protocol}"];
  await using server = await start(programs, [{ run, on: "stream:start" }, {
    run,
    on: "stream:start",
    streams: ["vip/*"],
  }]);
  await using _publisher = await publish(server);
  const [program] = programs.started;
  assertEquals(programs.started.length, 1);
  assertEquals(program.run, ["tell", "live/cam began; {nothing}", "live", "cam", "stream:start", "http-flv"]);
  assertEquals([program.env.SLUICE_STREAM, program.env.SLUICE_VHOST, program.env.SLUICE_EVENT], [
    "live/cam",
    "_",
    "stream:start",
  ]);
  program.exit(3);
  await eventually(() => warned(server).includes("A command failed with code 3"), "the failure was not told");
});

Deno.test("commands of events run so many at a time", async () => {
  const programs = new FakePrograms();
  await using server = await start(programs, [{ run: ["a"], on: "stream:start" }], { concurrency: 1 });
  await using _one = await publish(server, "live/one");
  await using _two = await publish(server, "live/two");
  assertEquals(programs.started.length, 1);
  programs.started[0].exit(0);
  await eventually(() => programs.started.length === 2, "the second never ran");
  assertEquals(programs.started[1].env.SLUICE_STREAM, "live/two");
});

Deno.test("a command that takes too long is asked to end, then made to", async () => {
  const programs = new FakePrograms();
  programs.isStubborn = true;
  await using server = await start(programs, [{ run: ["a"], on: "stream:start", timeoutSeconds: 5 }]);
  await using _publisher = await publish(server);
  server.clock.advance(5000);
  assertEquals(programs.started[0].signals, ["SIGTERM"]);
  server.clock.advance(3000);
  assertEquals(programs.started[0].signals, ["SIGTERM", "SIGKILL"]);
  assert(warned(server).includes("A command took longer than 5 s and is ended"));
});

Deno.test("a command that runs along with a stream is started again with growing pauses, and ends with the stream", async () => {
  const programs = new FakePrograms();
  await using server = await start(programs, [{ run: ["relay", "{stream}"], while: "stream" }]);
  const publisher = await publish(server);
  for (const [at, pause] of [1000, 2000, 4000].entries()) {
    programs.started[at].exit(1);
    await eventually(() => warned(server).length === at + 1, "its end was not told");
    server.clock.advance(pause - 1);
    assertEquals(programs.started.length, at + 1);
    server.clock.advance(1);
    assertEquals(programs.started.length, at + 2);
  }
  await publisher.end();
  await eventually(() => programs.started[3].signals.length > 0, "it was not ended");
  server.clock.advance(120_000);
  assertEquals([programs.started.length, programs.started[3].signals], [4, ["SIGTERM"]]);
});

Deno.test("what runs when the server stops is ended with it", async () => {
  const programs = new FakePrograms();
  const server = await start(programs, [{ run: ["a"], on: "stream:start" }, { run: ["b"], while: "stream" }]);
  await using _publisher = await publish(server);
  await server[Symbol.asyncDispose]();
  assertEquals(programs.started.map(({ signals }) => signals), [["SIGTERM"], ["SIGTERM"]]);
});

Deno.test("a program that cannot be started is told in words, and tried again where it runs along", async () => {
  const programs = new FakePrograms();
  programs.fault = 'Cannot run "a": Deno was started without --allow-run for it';
  await using server = await start(programs, [{ run: ["a"], on: "stream:start" }, { run: ["b"], while: "stream" }]);
  await using _publisher = await publish(server);
  assertEquals(warned(server), [programs.fault, programs.fault]);
  programs.fault = undefined;
  server.clock.advance(1000);
  assertEquals(programs.started.map(({ run }) => run), [["b"]]);
});

Deno.test("a real program gets its arguments as they are, and nothing of the server's own settings", async () => {
  const folder = await Deno.makeTempDir();
  Deno.env.set("SLUICE_EXEC_TEST_SECRET", "s3cret");
  try {
    const script =
      'printf "%s|%s|%s" "$1" "$SLUICE_STREAM" "$SLUICE_EXEC_TEST_SECRET" > "$0.part" && mv "$0.part" "$0"';
    const run = ["sh", "-c", script, `${folder}/told`, "$(id) {stream}"];
    await using server = await TestServer.start({
      late: [exec()],
      config: {
        exec: { commands: [{ run, on: "stream:start" }, { run: ["/nonexistent/program"], on: "stream:start" }] },
      },
    });
    await using _publisher = await publish(server);
    const told = () => {
      try {
        return Deno.readTextFileSync(`${folder}/told`);
      } catch {
        return undefined;
      }
    };
    await eventually(() => told() !== undefined, "the program did not run");
    assertEquals(told(), "$(id) live/cam|live/cam|");
    assert(warned(server).some((line) => /Cannot run "\/nonexistent\/program": there is no such program/.test(line)));
  } finally {
    Deno.env.delete("SLUICE_EXEC_TEST_SECRET");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a command needs one thing that starts it", async () => {
  const problems: string[] = [];
  for (const command of [{ run: ["a"] }, { run: ["a"], on: "x", while: "stream" }, { run: [], on: "x" }, { on: "x" }]) {
    await start(new FakePrograms(), [command]).then(
      (server) => server[Symbol.asyncDispose](),
      (error) => problems.push(error.message),
    );
  }
  assertEquals(problems.length, 4);
});
